package transform_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"stormbus/internal/transform"
)

// FuzzTemplate checks that a template that is not a quoted text makes JSON or
// nothing, whatever it says.
func FuzzTemplate(f *testing.F) {
	f.Add(`"Event of <t> type"`, "$.detail")
	f.Add(`{"k": <t>, "l": "<t>"}`, "$.detail.command")
	f.Add(`{"k": <aws.events.event>}`, "$")
	f.Fuzz(func(t *testing.T, template, path string) {
		in, err := transform.New(transform.Config{InputTransformer: &transform.Transformer{
			InputPathsMap: map[string]string{"t": path}, InputTemplate: template,
		}})
		if err != nil {
			return
		}
		got, err := in.Apply([]byte(anEvent), vars)
		if err != nil {
			if !errors.Is(err, transform.ErrNotDelivered) {
				t.Errorf("Apply(%q) = %v", template, err)
			}
			return
		}
		if !strings.HasPrefix(strings.TrimLeft(template, " \t\r\n"), `"`) && !json.Valid(got) {
			t.Errorf("Apply(%q) = %q, not JSON", template, got)
		}
	})
}
