// Package migration contains the program of docs/godo.md twice: written with godo and written with this library.
package migration
