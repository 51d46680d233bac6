import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Listener {
  /** `http://127.0.0.1:port` */
  endpoint: string;
  connections: () => number;
  close: () => void;
}

/** A server that takes connections and says nothing. */
export async function listenInSilence(): Promise<Listener> {
  return listen(() => undefined);
}

/** Passes connections on to a server, but the first ones: those get no answer. */
export async function listenBefore(server: string, silent: number): Promise<Listener> {
  const { port } = new URL(server);
  return listen((socket, number) => {
    if (number > silent) passOn(socket, Number(port));
  });
}

/** One address for several servers: a new connection leads to the one that is answered for now, an open one stays. */
export async function listenFor(portNow: () => number): Promise<Listener> {
  return listen((socket) => passOn(socket, portNow()));
}

function passOn(socket: Socket, port: number): void {
  const behind = connect(port, '127.0.0.1');
  socket.pipe(behind).pipe(socket);
  behind.on('error', () => socket.destroy());
  socket.on('close', () => behind.destroy());
}

async function listen(onConnection: (socket: Socket, number: number) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket, sockets.size);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
