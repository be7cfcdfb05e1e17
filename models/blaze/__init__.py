"""What MediaPipe's networks have in common: a small TFLite network, anchors on a grid, a turned square of the picture.

Google's own Tasks take only files that carry their metadata, and those in the installed packages do not; run directly, the same weights
need no more than what stands here. Sources: the graphs in google-ai-edge/mediapipe, `mediapipe/modules/*/*.pbtxt` (Apache 2.0);
Bazarevsky et al. 2019 (BlazeFace), Kartynnik et al. 2019 (face mesh), Ablavatski et al. 2020 (iris), Bazarevsky et al. 2020 (BlazePose).
"""
