"""What the simulated vendors share: a loopback server with faults and rates, spending, lag, and generated worlds."""
