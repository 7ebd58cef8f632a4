package sqs

import (
	"context"
	"maps"

	shape "stormbus/internal/shape/sqs"
)

// TagQueue adds tags to a queue, or changes their values.
func (s *Service) TagQueue(ctx context.Context, in *shape.TagQueueInput) (*shape.TagQueueOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, errMissingParameter("Tags")
	}
	err = s.change(ctx, l.config.Load().key(), func(q *Queue) error {
		if q.Tags == nil {
			q.Tags = map[string]string{}
		}
		maps.Copy(q.Tags, in.Tags)
		return checkTags(q.Name, q.Tags)
	})
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.TagQueueOutput{}, nil
}

// UntagQueue removes tags from a queue; tags that it does not have do not
// matter.
func (s *Service) UntagQueue(ctx context.Context, in *shape.UntagQueueInput) (*shape.UntagQueueOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, l.config.Load().key(), func(q *Queue) error {
		for _, name := range in.TagKeys {
			delete(q.Tags, name)
		}
		return nil
	})
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.UntagQueueOutput{}, nil
}

// ListQueueTags shows the tags of a queue.
func (s *Service) ListQueueTags(ctx context.Context, in *shape.ListQueueTagsInput) (*shape.ListQueueTagsOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	tags := l.config.Load().Tags
	if len(tags) == 0 {
		return &shape.ListQueueTagsOutput{}, nil
	}
	return &shape.ListQueueTagsOutput{Tags: maps.Clone(tags)}, nil
}

func checkTags(queue string, tags map[string]string) error {
	if len(tags) > maxTags {
		return errInvalidParameter("Too many tags added for queue %s.", queue)
	}
	return nil
}
