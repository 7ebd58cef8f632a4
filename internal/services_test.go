package internal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
	eventsshape "stormbus/internal/shape/events"
	lambdashape "stormbus/internal/shape/lambda"
	sqsshape "stormbus/internal/shape/sqs"
	stsshape "stormbus/internal/shape/sts"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/svc/sts"
	"stormbus/internal/wire"
)

var update = flag.Bool("update", false, "write the support tables in docs/services anew")

// services are those whose page in docs/services has a support table. Listing
// the operations of a service needs no state, so a nil service will do.
var services = []struct {
	model      *shape.Service
	operations []wire.Operation
}{
	{eventsshape.Model, (*events.Service)(nil).Operations()},
	{lambdashape.Model, (*lambda.Service)(nil).Operations()},
	{sqsshape.Model, (*sqs.Service)(nil).Operations()},
	{stsshape.Model, (*sts.Service)(nil).Operations()},
}

// A support table stands between these two lines of its page.
const (
	tableBegin = "<!-- support table: go test ./internal -run TestSupportTables -update -->"
	tableEnd   = "<!-- end of the support table -->"
)

// TestSupportTables holds the support table of every service to what the
// service answers, so that what is missing is told as well.
func TestSupportTables(t *testing.T) {
	t.Parallel()
	for _, s := range services {
		page := filepath.Join("..", "docs", "services", s.model.Name+".md")
		text, err := os.ReadFile(page)
		if err != nil {
			t.Error(err)
			continue
		}
		before, rest, begins := strings.Cut(string(text), tableBegin)
		_, after, ends := strings.Cut(rest, tableEnd)
		if !begins || !ends {
			t.Errorf("%s has no place for a support table: want the lines\n%s\n%s", page, tableBegin, tableEnd)
			continue
		}
		want := before + tableBegin + "\n" + supportTable(s.model, s.operations) + tableEnd + after
		if *update {
			if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
				t.Error(err)
			}
			continue
		}
		if diff := cmp.Diff(want, string(text)); diff != "" {
			t.Errorf("%s is not what the service answers (-want +got):\n%s", page, diff)
		}
	}
}

// supportTable draws the table: how many operations, and which.
func supportTable(m *shape.Service, operations []wire.Operation) string {
	var yes, no []string
	for _, row := range wire.Support(m, operations) {
		if row.Supported {
			yes = append(yes, row.Operation)
		} else {
			no = append(no, row.Operation)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d operations of the API %s.\n\n", len(yes), len(yes)+len(no), m.APIVersion)
	b.WriteString("| operation | supported |\n|---|---|\n")
	for _, name := range yes {
		fmt.Fprintf(&b, "| %s | yes |\n", name)
	}
	for _, name := range no {
		fmt.Fprintf(&b, "| %s | no: answers `NotImplemented` |\n", name)
	}
	return b.String()
}
