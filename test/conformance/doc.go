// Package conformance runs unmodified AWS clients against the built binary:
// boto3 (the tests in boto/) and the AWS CLI. Their only setting is where the
// endpoint is.
package conformance
