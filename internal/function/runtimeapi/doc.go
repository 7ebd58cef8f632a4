// Package runtimeapi serves the AWS Lambda Runtime API, version 2018-06-01, to
// one process: the runtime inside an execution environment asks it for
// invocations and posts their results to it.
//
// It is the real protocol, so every language runtime and every custom
// bootstrap that runs on Lambda runs here. A [Server] listens on its own
// loopback port and knows only its own process: a process that was killed and
// replaced can neither see nor answer the invocations of its successor.
//
// What differs from AWS: a response sent in streaming mode is collected and
// handed over whole; restore requests (snap-start) and the extension and
// telemetry APIs are not served and answer 404.
package runtimeapi
