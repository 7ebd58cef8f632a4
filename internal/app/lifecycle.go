package app

import (
	"context"
	"errors"
	"fmt"
)

// cleanups undo what Start did, last first. Each has a name, so that an error
// says what could not be ended.
type cleanups []cleanup

type cleanup struct {
	name string
	run  func(ctx context.Context) error
}

func (c *cleanups) add(name string, run func(ctx context.Context) error) {
	*c = append(*c, cleanup{name, run})
}

// run runs all cleanups, last first, whatever they return, and forgets them.
func (c *cleanups) run(ctx context.Context) error {
	var errs []error
	for i := len(*c) - 1; i >= 0; i-- {
		if err := (*c)[i].run(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", (*c)[i].name, err))
		}
	}
	*c = nil
	return errors.Join(errs...)
}
