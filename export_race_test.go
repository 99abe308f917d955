package droplets

// RaceDetector is true if the tests run with the race detector. The matrices then try a part of their cells.
const RaceDetector = raceDetector
