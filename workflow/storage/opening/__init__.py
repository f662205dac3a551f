"""Before a period runs: what the office plans, what the schedule foresees, rules tried on old reports."""
