// Package lambda is AWS Lambda: functions whose code is a zip file, invoked at
// once or through a durable queue, on the protocol of the AWS SDKs and as a
// target for rules.
//
// # How a function works
//
// What is configured about a function is one row in the meta partition; its zip
// file is a blob, unpacked into a cache that can be made anew at any time.
// Package function runs it. A synchronous invocation goes straight there. An
// asynchronous one is accepted when a job is durable in the function's own
// lane (package delivery), and attempted from there: after an error of the
// function again after one minute and after two more, while it is throttled
// after growing pauses, for at most six hours, always under the same request
// id. What was given up goes to the function's dead-letter queue.
//
// Each run has a span of its own, which the function's calls carry in their
// trace header, and a record in lineage that names it.
//
// # What differs from AWS
//
// Published versions, aliases, layers, container images, code in S3,
// destinations, event source mappings and function URLs are not supported yet;
// see docs/services/lambda.md. What asks for them is answered with an error
// that names them. Functions may be made with any runtime of AWS's; those that
// are neither Python nor custom answer InvalidRuntimeException when they are
// invoked.
//
// A function is ready when CreateFunction has answered; that its answer says
// Pending, and that of an update InProgress, is for clients that expect it.
// VpcConfig, KMSKeyArn, FileSystemConfigs, EphemeralStorage, Architectures,
// TracingConfig and SnapStart are kept and shown and have no effect. Resource
// policies are kept and shown but not enforced. The queue of one function is
// emptied by at most Config.AsyncConcurrency environments at once, so that a
// burst of events does not start a thousand processes.
package lambda
