import { useEffect } from 'preact/hooks';
import { Planner } from './planner.tsx';

export function PlannerPage() {
  useEffect(() => {
    document.title = 'Planner · Mem';
  }, []);
  return (
    <main id="main" class="page">
      <div class="page-head">
        <h1>Planner</h1>
      </div>
      <p class="soft lead">
        How many participants an experiment needs, how long that takes, and what it could see by then.
      </p>
      <Planner suggestion={{ rate: '5', lift: '10', alpha: '5', power: '80', arms: '2', daily: '1000' }} />
    </main>
  );
}
