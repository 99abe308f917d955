// Package migration has the program of docs/godo.md, with godo and with this library.
package migration
