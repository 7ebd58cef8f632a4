// Package project is a folder with a storm.yaml: what stormbus new makes and
// stormbus up keeps running. It reads the board, generates what is missing,
// packs the code of the services, and watches for what a person saves.
//
// What a person wrote is never overwritten or deleted here.
package project
