//go:build !race

package droplets

// raceDetector is true if the tests run with the race detector, which makes them about ten times slower.
const raceDetector = false
