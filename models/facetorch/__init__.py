"""facetorch (Gajarsky 2022–2025): a face detector and networks for expression, valence and arousal, action units, embeddings.

Its networks are TorchScript programs. Two of our models use them directly: `models.detectors.facetorch_retinaface` and
`models.face.facetorch_fer`. `models.facetorch.analyzer` runs the package's own analyzer around any of our detectors.
"""
