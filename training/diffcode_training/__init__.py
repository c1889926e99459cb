"""Trains DiffCode on the graphs and shards that the TypeScript side writes. No architecture of its own."""
