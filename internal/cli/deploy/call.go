package deploy

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"stormbus/internal/cli/aws"
	"stormbus/internal/clock"
)

// How a call that came too early or too often is tried again. AWS allows 50
// calls a second that change rules, and lets one at a time change a bus.
const (
	tries     = 8
	firstWait = 20 * time.Millisecond
)

// again are the errors after which the same call may succeed.
var again = []string{
	"ThrottlingException", "TooManyRequestsException", "RequestThrottled", "ConcurrentModificationException",
	"ResourceConflictException", "InternalException", "ServiceException", "InternalFailure",
}

// taken are the errors that say that a resource exists already.
var taken = []string{"ResourceAlreadyExistsException", "QueueAlreadyExists", "QueueNameExists"}

// call tries a call again while that may help.
func call(ctx context.Context, do func() error) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == tries || !slices.Contains(again, code(err)) || code(err) == "ResourceConflictException" && try > 3 {
			return advise(err)
		}
		if err := clock.Sleep(ctx, clock.Real(), wait); err != nil {
			return err
		}
		wait *= 2
	}
}

func code(err error) string {
	if e, ok := errors.AsType[*aws.Error](err); ok {
		return e.Code
	}
	return ""
}

// isMissing reports whether an error says that something is not there.
func isMissing(err error) bool {
	e, ok := errors.AsType[*aws.Error](err)
	return ok && (e.Status == http.StatusNotFound || slices.Contains([]string{
		"ResourceNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
	}, e.Code))
}

// advised is an error with what to do about it.
type advised struct {
	error
	remedy string
}

func (a advised) Error() string { return a.error.Error() + "; " + a.remedy }
func (a advised) Unwrap() error { return a.error }

// advise adds to an error what to do about it.
func advise(err error) error {
	switch c := code(err); {
	case err == nil:
		return nil
	case c == "LimitExceededException":
		return advised{err, "a bus has at most 300 rules and an account at most 100 buses: split the board"}
	case slices.Contains(taken, c), c == "ResourceConflictException":
		return advised{err, "somebody else has made it meanwhile: look who deploys here, and deploy again"}
	case slices.Contains([]string{"AccessDeniedException", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidSignatureException", "MissingAuthenticationToken"}, c):
		return advised{err, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that the server knows and that may do this"}
	case c == "" && !errors.Is(err, context.Canceled):
		return advised{err, "see that the server runs and that its address is right"}
	}
	return err
}

// events calls an operation of EventBridge.
func (d *Deployer) events(ctx context.Context, operation string, in, out any) error {
	return call(ctx, func() error { return d.Client.JSON(ctx, "events", "AWSEvents."+operation, in, out) })
}

// sqs calls an operation of SQS.
func (d *Deployer) sqs(ctx context.Context, operation string, in, out any) error {
	return call(ctx, func() error { return d.Client.JSON(ctx, "sqs", "AmazonSQS."+operation, in, out) })
}

// lambda calls an operation of Lambda, by its method and path.
func (d *Deployer) lambda(ctx context.Context, method, path string, in, out any) error {
	return call(ctx, func() error { return d.Client.REST(ctx, "lambda", method, path, in, out) })
}

// fields are the members of a request.
type fields map[string]any
