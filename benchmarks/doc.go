// Package benchmarks compares the library with godo: both clients do the same work in one process. It is a separate module, so
// that godo is not in the library's go.mod. README.md explains how to run the benchmarks and read the results.
package benchmarks
