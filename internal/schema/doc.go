// Package schema holds the shapes of events' data: one model, [Schema], that the
// short form of a board, JSON Schema and the OpenAPI documents of a schema
// registry have in common. It reads and writes them, checks values against them
// and makes examples of them. A Schema is plain data and not changed by any
// function here.
package schema
