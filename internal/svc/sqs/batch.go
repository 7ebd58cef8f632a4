package sqs

import (
	"errors"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

const maxEntryID = 80

// checkBatch refuses a batch as a whole: too few or too many entries, or ids
// that cannot tell them apart.
func checkBatch[E any](operation string, entries []E, id func(E) string) error {
	if len(entries) == 0 {
		return errLegacy("EmptyBatchRequest", "There should be at least one %sBatchRequestEntry in the request.", operation)
	}
	if len(entries) > maxBatch {
		return errLegacy("TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		if !validEntryID(id(e)) {
			return errLegacy("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, "+
				"hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id(e)] {
			return errLegacy("BatchEntryIdsNotDistinct", "Id %s repeated.", id(e))
		}
		seen[id(e)] = true
	}
	return nil
}

func validEntryID(id string) bool {
	if id == "" || len(id) > maxEntryID {
		return false
	}
	for i := range len(id) {
		if !isNameByte(id[i]) {
			return false
		}
	}
	return true
}

// failedEntry says why one entry of a batch failed. Entries show the codes of
// the older protocol whatever the protocol of the call.
func failedEntry(id *string, err error) shape.BatchResultErrorEntry {
	var known *wire.Error
	if !errors.As(apiError(err), &known) {
		internal, no := "InternalError", false
		return shape.BatchResultErrorEntry{Id: id, Code: &internal, SenderFault: &no}
	}
	code := known.QueryCode
	if code == "" {
		code = known.Code
	}
	yes := true
	return shape.BatchResultErrorEntry{Id: id, Code: &code, Message: &known.Message, SenderFault: &yes}
}
