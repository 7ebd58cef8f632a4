package events

import (
	"context"
	"slices"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
)

// TagResource sets tags of an event bus or a rule, and keeps its others.
func (s *Service) TagResource(ctx context.Context, in *shape.TagResourceInput) (*shape.TagResourceOutput, error) {
	return nil, s.changeTags(ctx, *in.ResourceARN, func(tags []tag) ([]tag, error) { return newTags(tags, in.Tags) })
}

// UntagResource removes tags. To remove one that is not there is no error.
func (s *Service) UntagResource(ctx context.Context, in *shape.UntagResourceInput) (*shape.UntagResourceOutput, error) {
	return nil, s.changeTags(ctx, *in.ResourceARN, func(tags []tag) ([]tag, error) {
		return slices.DeleteFunc(tags, func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
	})
}

// ListTagsForResource shows the tags of an event bus or a rule.
func (s *Service) ListTagsForResource(ctx context.Context, in *shape.ListTagsForResourceInput) (*shape.ListTagsForResourceOutput, error) {
	ref, ruleName, err := referResource(*in.ResourceARN)
	if err != nil {
		return nil, err
	}
	var tags []tag
	err = s.view(ctx, ref, func(v store.View) error {
		if ruleName != "" {
			r, err := findRule(v, ref, ruleName)
			if err == nil {
				tags = r.Tags
			}
			return err
		}
		b, err := findBus(v, ref)
		if err == nil {
			tags = b.Tags
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &shape.ListTagsForResourceOutput{Tags: make([]shape.Tag, len(tags))}
	for i := range tags {
		out.Tags[i] = shape.Tag{Key: &tags[i].Key, Value: &tags[i].Value}
	}
	return out, nil
}

// changeTags changes the tags of what an ARN names.
func (s *Service) changeTags(ctx context.Context, resource string, change func([]tag) ([]tag, error)) error {
	ref, ruleName, err := referResource(resource)
	if err != nil {
		return err
	}
	if ruleName != "" {
		return s.changeStored(ctx, ref, ruleName, func(_ store.Tx, r *rule) (err error) {
			r.Tags, err = change(r.Tags)
			return err
		})
	}
	return s.update(ctx, ref, func(tx store.Tx) error {
		b, err := findBus(tx, ref)
		if err != nil {
			return err
		}
		if b.Tags, err = change(b.Tags); err != nil {
			return err
		}
		return write(tx, busKey(ref), b)
	})
}

// referResource reads the ARN of something that has tags. The name of the rule
// is empty if it is a bus.
func referResource(text string) (ref busRef, ruleName string, err error) {
	a, err := arn.Parse(text)
	if err != nil {
		return busRef{}, "", errArnFormat(text)
	}
	if name, ok := a.BusName(); ok {
		return busRef{scope: a.Of(), name: name}, "", nil
	}
	if bus, name, ok := a.RuleName(); ok {
		return busRef{scope: a.Of(), name: bus}, name, nil
	}
	return busRef{}, "", errUnsupported("Tags of " + text)
}

// newTags adds tags from a request to those that are there.
func newTags(tags []tag, more []shape.Tag) ([]tag, error) {
	added := make([]tag, len(more))
	for i, t := range more {
		added[i] = tag{Key: *t.Key, Value: *t.Value}
	}
	out := setTags(tags, added)
	if len(out) > maxTags {
		return nil, errLimit()
	}
	return out, nil
}
