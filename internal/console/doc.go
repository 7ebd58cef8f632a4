// Package console serves what stormbus shows of itself, beside the AWS APIs:
// whether it is ready, the causation tree of an event, why rules did not take it,
// and the events as they pass. All of it lives under [Prefix], which no bucket and no queue can take.
//
//	GET /_stormbus/health            200 once everything is ready, else 503
//	GET /_stormbus/api/trace/{id}    the causation tree of an event
//	GET /_stormbus/api/why/{id}      which rules take an event, and why others do not
//	GET /_stormbus/api/events        events as they are published, one JSON a line
//	GET /_stormbus/api/queues        the queues; .../messages?queue=ARN what one holds
//	POST /_stormbus/api/queues/redrive delivers dead letters of rules and functions again
//	GET /_stormbus/api/store/stats   what is in the store
//	POST /_stormbus/api/store/backup copies the store to a directory of this machine
//
// Errors are {"error": "..."} with a status that says whose fault it is.
package console

// Prefix is the path under which everything here lives.
const Prefix = "/_stormbus/"
