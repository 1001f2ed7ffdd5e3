"""From tables to series; knows no task and no torch."""
