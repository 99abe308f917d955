// Package nettest verifies over real sockets that a change reaches the server at most once, over HTTP/1.1 and HTTP/2 and through
// a proxy. It has scripted servers and a scripted proxy on the loopback interface, and can run the same cases for godo. It is a module of its own, so that its dependencies stay out of the library's go.mod.
// README.md describes how to run it.
package nettest
