// The plugins that serverless.yml asks for. `mem deploy` sets MEM_FOLDER: there is no local system to bring up then, and
// the bundler is found from here, wherever npm has put it.
module.exports = process.env.MEM_FOLDER
  ? ['./deploy/bundler.cjs']
  : ['serverless-esbuild', './local/plugin.cjs', 'serverless-offline'];
