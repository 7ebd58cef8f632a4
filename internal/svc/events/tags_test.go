package events

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/events"
)

func tagList(kv ...string) []shape.Tag {
	out := []shape.Tag{}
	for i := 0; i < len(kv); i += 2 {
		out = append(out, shape.Tag{Key: &kv[i], Value: &kv[i+1]})
	}
	return out
}

func (h *harness) wantTags(resource string, kv ...string) {
	h.Helper()
	out, err := h.ListTagsForResource(h.ctx, &shape.ListTagsForResourceInput{ResourceARN: &resource})
	if err != nil {
		h.Fatal(err)
	}
	if diff := cmp.Diff(tagList(kv...), out.Tags); diff != "" {
		h.Errorf("tags of %s (-want +got):\n%s", resource, diff)
	}
}

func TestTags(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	h.putRule("", "r", heldPattern)
	h.putRule("cinema", "r", heldPattern)
	for _, resource := range []string{
		scope.EventBus("default").String(), scope.EventBus("cinema").String(),
		scope.Rule("default", "r").String(), scope.Rule("cinema", "r").String(),
	} {
		h.wantTags(resource)
		tag := func(kv ...string) error {
			_, err := h.TagResource(h.ctx, &shape.TagResourceInput{ResourceARN: &resource, Tags: tagList(kv...)})
			return err
		}
		if err := tag("b", "1", "a", "2"); err != nil {
			t.Fatal(err)
		}
		if err := tag("c", "3", "b", "4"); err != nil {
			t.Fatal(err)
		}
		h.wantTags(resource, "b", "4", "a", "2", "c", "3")
		in := &shape.UntagResourceInput{ResourceARN: &resource, TagKeys: []string{"a", "nothing"}}
		if _, err := h.UntagResource(h.ctx, in); err != nil {
			t.Fatal(err)
		}
		h.wantTags(resource, "b", "4", "c", "3")
		var many []string
		for i := range maxTags - 1 {
			many = append(many, fmt.Sprint("k", i), "v")
		}
		wantError(t, tag(many...), "LimitExceededException", limitMessage)
		h.wantTags(resource, "b", "4", "c", "3")
	}
}

func TestTagErrors(t *testing.T) {
	h := newHarness(t)
	for resource, want := range map[string][2]string{
		scope.Rule("default", "r").String(): {"ResourceNotFoundException", "Rule r does not exist on EventBus default."},
		scope.Rule("cinema", "r").String():  {"ResourceNotFoundException", "Event bus cinema does not exist."},
		scope.EventBus("cinema").String():   {"ResourceNotFoundException", "Event bus cinema does not exist."},
		"cinema":                            {"ValidationException", "Parameter cinema is not valid. Reason: Provided Arn is not in correct format."},
		"arn:aws:events:r:1:archive/a":      {"ValidationException", "Tags of arn:aws:events:r:1:archive/a: stormbus does not support this yet."},
	} {
		_, err := h.ListTagsForResource(h.ctx, &shape.ListTagsForResourceInput{ResourceARN: &resource})
		wantError(t, err, want[0], want[1])
		_, err = h.TagResource(h.ctx, &shape.TagResourceInput{ResourceARN: &resource, Tags: tagList("k", "v")})
		wantError(t, err, want[0], want[1])
		_, err = h.UntagResource(h.ctx, &shape.UntagResourceInput{ResourceARN: &resource, TagKeys: []string{"k"}})
		wantError(t, err, want[0], want[1])
	}
}

func TestTagsDoNotSurviveTheirRule(t *testing.T) {
	h := newHarness(t)
	in := &shape.PutRuleInput{Name: new("r"), EventPattern: new(heldPattern), Tags: tagList("k", "v")}
	if _, err := h.PutRule(h.ctx, in); err != nil {
		t.Fatal(err)
	}
	if _, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: in.Name}); err != nil {
		t.Fatal(err)
	}
	h.putRule("", "r", heldPattern)
	h.wantTags(scope.Rule("default", "r").String())
}
