package sqs

import (
	"context"
	"strings"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// ListQueues lists queues by name.
func (s *Service) ListQueues(ctx context.Context, in *shape.ListQueuesInput) (*shape.ListQueuesOutput, error) {
	req := wire.From(ctx)
	p, err := newPage(in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	prefix := ""
	if in.QueueNamePrefix != nil {
		prefix = *in.QueueNamePrefix
	}
	names, next, err := s.names(ctx, req.Scope, p, func(q *Queue) bool { return strings.HasPrefix(q.Name, prefix) })
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.ListQueuesOutput{QueueUrls: urls(req, names), NextToken: next}, nil
}

// ListDeadLetterSourceQueues lists the queues whose dead letters go to a queue.
func (s *Service) ListDeadLetterSourceQueues(ctx context.Context, in *shape.ListDeadLetterSourceQueuesInput) (*shape.ListDeadLetterSourceQueuesOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	p, err := newPage(in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	dead := l.config.Load()
	names, next, err := s.names(ctx, dead.Scope, p, func(q *Queue) bool {
		return q.Settings.Redrive != nil && q.Settings.Redrive.Target == dead.ARN()
	})
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.ListDeadLetterSourceQueuesOutput{QueueUrls: urls(wire.From(ctx), names), NextToken: next}, nil
}

// page is which part of a list is wanted.
type page struct {
	after string // the last name of the page before
	max   int
	paged bool // the caller named a size; only then there is a next page
}

func newPage(max *int64, token *string) (page, error) {
	p := page{max: maxListResults}
	if max != nil {
		if *max < 1 || *max > maxListResults {
			return p, errInvalidNumber(*max, "MaxResults", "Must be between 1 and 1000, if provided.")
		}
		p.max, p.paged = int(*max), true
	}
	if token != nil && *token != "" {
		after, ok := parseToken(*token)
		if !ok {
			return p, errNextToken()
		}
		p.after = after
	}
	return p, nil
}

// names lists the wanted queues of a scope in order of name.
func (s *Service) names(ctx context.Context, scope arn.Scope, p page, want func(*Queue) bool) (names []key, next *string, err error) {
	err = s.store.View(ctx, store.Meta, func(v store.View) error {
		names, next = nil, nil
		prefix := scopePrefix(key{scope: scope})
		lo := prefix
		if p.after != "" {
			// The encoding of a name ends with a byte that can be increased.
			lo = store.PrefixEnd(nameKey(key{scope: scope, name: p.after}))
		}
		for _, row := range v.Scan(lo, store.PrefixEnd(prefix)) {
			q, err := decodeQueue(row)
			if err != nil {
				return err
			}
			if !want(q) {
				continue
			}
			if len(names) == p.max {
				if p.paged {
					token := formatToken(names[len(names)-1].name)
					next = &token
				}
				return nil
			}
			names = append(names, q.key())
		}
		return nil
	})
	return names, next, err
}

func urls(req wire.Request, names []key) []string {
	var out []string
	for _, k := range names {
		out = append(out, queueURL(req.BaseURL, k))
	}
	return out
}
