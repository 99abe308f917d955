// Package nettest verifies over real sockets that a change reaches the server at most once on every transport. It has
// scripted HTTP/1.1 and HTTP/2 servers and a scripted proxy on the loopback interface, and runs the same table of cases
// for this library and for godo. It is a module of its own, so that its dependencies stay out of the library's go.mod.
// README.md describes how to run it.
package nettest
