// Finding faces stands below datasets, whose pictures can be brought to faces' places; who works with faces has both.
@_exported import FaceDetection
