package wire

// requestExceptions are the requests that are not decoded without a loss, and a
// part of what is told about each.
var requestExceptions = map[string]map[string]string{
	"s3": {
		// The model that the SDK for Go is made of has these numbers as texts.
		"GetObjectAttributes": "The value '__PartNumberMarker__' of 'x-amz-part-number-marker' can not be converted to an Integer",
		"ListParts":           "The value '__PartNumberMarker__' of 'part-number-marker' can not be converted to an Integer",
	},
}

// answerExceptions are the same for answers, and for errors.
var answerExceptions = map[string]map[string]string{
	"dynamodb": {
		// For clients that look for their endpoint, which ours is not found by.
		"InvalidEndpointException": "the error is not in the model",
	},
	"lambda": {
		// Lambda says JSON, which its model does not tell.
		"Invoke": "application/octet-stream",
	},
	"sqs": {
		// The documentation of SQS has 400 for these.
		"InvalidAddress":         "status 400, want 404",
		"InvalidSecurity":        "status 400, want 403",
		"ReceiptHandleIsInvalid": "status 400, want 404",
		"RequestThrottled":       "status 400, want 403",
	},
}
