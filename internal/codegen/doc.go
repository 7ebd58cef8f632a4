// Package codegen turns a board into the files of a project: typed Python for
// each service, and the places for what people write. [Files] is pure; [Compare]
// says what the folder of a project lacks, and [Write] does it. What a person
// wrote is never changed: see [Zone].
package codegen
