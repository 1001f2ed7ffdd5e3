"""Detection of anomalies: steps that are far from what the steps before them let expect."""
