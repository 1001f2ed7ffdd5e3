"""What reports of every task share."""
