package internal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
	"stormbus/internal/shape/catalog"
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
	service    any
}{
	{eventsshape.Model, (*events.Service)(nil).Operations(), (*events.Service)(nil)},
	{lambdashape.Model, (*lambda.Service)(nil).Operations(), (*lambda.Service)(nil)},
	{sqsshape.Model, (*sqs.Service)(nil).Operations(), (*sqs.Service)(nil)},
	{stsshape.Model, (*sts.Service)(nil).Operations(), (*sts.Service)(nil)},
}

// A support table stands between these two lines of its page.
const (
	tableBegin = "<!-- support table: go test ./internal -run TestSupportTables -update -->"
	tableEnd   = "<!-- end of the support table -->"
)

// TestSupportTables holds the support table of every service to what the
// service answers, so that what is missing is told as well, and the index to
// all models.
func TestSupportTables(t *testing.T) {
	t.Parallel()
	pages := filepath.Join("..", "docs", "services")
	for _, s := range services {
		holdTable(t, filepath.Join(pages, s.model.Name+".md"), supportTable(s.model, s.operations))
	}
	holdTable(t, filepath.Join(pages, "README.md"), indexTable())
}

// holdTable fails unless the table of a page is want.
func holdTable(t *testing.T, page, want string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Error(err)
		return
	}
	before, rest, begins := strings.Cut(string(text), tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		t.Errorf("%s has no place for a support table: want the lines\n%s\n%s", page, tableBegin, tableEnd)
		return
	}
	want = before + tableBegin + "\n" + want + tableEnd + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Error(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is not what the server answers (-want +got):\n%s", page, diff)
	}
}

// indexTable draws the table of all models.
func indexTable() string {
	var b strings.Builder
	b.WriteString("| service | API | protocols | supported | known |\n|---|---|---|---|---|\n")
	for _, m := range catalog.Models() {
		name, supported := m.Name, 0
		for _, s := range services {
			if s.model == m {
				name, supported = fmt.Sprintf("[%s](%s.md)", m.Name, m.Name), len(s.operations)
			}
		}
		protocols := []string{string(m.Protocol)}
		for _, p := range m.Also {
			protocols = append(protocols, string(p))
		}
		fmt.Fprintf(&b, "| %s | %s %s | %s | %d | %d |\n",
			name, m.ID, m.APIVersion, strings.Join(protocols, ", "), supported, len(m.Operations))
	}
	return b.String()
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

// TestOperationsUseGeneratedShapes finds operations whose input or output is
// not the one that was generated for them.
func TestOperationsUseGeneratedShapes(t *testing.T) {
	t.Parallel()
	for _, s := range services {
		home := reflect.TypeFor[shape.Service]().PkgPath() + "/" + s.model.Name
		for _, op := range s.operations {
			method, ok := reflect.TypeOf(s.service).MethodByName(op.Name())
			if !ok || method.Type.NumIn() != 3 || method.Type.NumOut() != 2 {
				t.Errorf("%s.%s is not a method that takes a context and an input", s.model.Name, op.Name())
				continue
			}
			in, out := method.Type.In(2).Elem(), method.Type.Out(0).Elem()
			if in.PkgPath() != home || out.PkgPath() != home {
				t.Errorf("%s.%s takes %s and gives %s, want shapes of %s", s.model.Name, op.Name(), in, out, home)
			}
		}
	}
}
