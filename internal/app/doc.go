// Package app puts the pieces together: configuration, the list of services
// and targets, Start and Stop. It is the only package that sees all others,
// so the flow of the whole product can be read in wire.go.
package app
