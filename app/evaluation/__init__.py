"""What models are worth on labelled faces and clips: calibration, recall, and where two of them part."""
