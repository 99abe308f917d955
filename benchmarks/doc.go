// Package benchmarks measures the library beside godo, doing the same work in one process. It is a module of its own,
// so that godo never enters the library's go.mod. README.md says how to run and read it.
package benchmarks
