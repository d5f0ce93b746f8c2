"""The pipeline: plans targets, runs sources and sensors on an engine, records what they observe."""
