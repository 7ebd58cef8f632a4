package wire

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	goformat "go/format"
	"os"
	"reflect"
	"strings"
	"testing"

	"stormbus/internal/shape"
	"stormbus/internal/shape/catalog"
)

// operationTypes are the types of one operation's input and output.
type operationTypes struct {
	name    string
	in, out any
}

// operation makes an operation of the types, which does what call does.
func (o operationTypes) operation(call func(in any) (any, error)) Operation {
	in, out := reflect.TypeOf(o.in), reflect.TypeOf(o.out)
	return Operation{
		name: o.name, in: in, out: out,
		newIn: func() any { return reflect.New(in).Interface() },
		call:  func(_ context.Context, in any) (any, error) { return call(in) },
	}
}

// TestTypesAreListed holds the list of all types that are generated, which Go
// cannot find by itself. With -update, it is written anew.
func TestTypesAreListed(t *testing.T) {
	t.Parallel()
	const file = "types_internal_test.go"
	want, err := goformat.Source(listTypes(catalog.Models()))
	if err != nil {
		t.Fatal(err)
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(file, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not the list of all operations: run this test with -update", file)
	}
}

func listTypes(models []*shape.Service) []byte {
	var b bytes.Buffer
	b.WriteString("package wire\n\n// Written by TestTypesAreListed with -update.\n\nimport (\n")
	for _, m := range models {
		if hasListed(m) {
			fmt.Fprintf(&b, "%q\n", "stormbus/internal/shape/"+m.Name)
		}
	}
	b.WriteString(")\n\n// typesByService are the types of every operation that has some.\n" +
		"func typesByService() map[string][]operationTypes {\nreturn map[string][]operationTypes{\n")
	for _, m := range models {
		if !hasListed(m) {
			continue
		}
		fmt.Fprintf(&b, "%q: {\n", m.Name)
		for _, op := range m.Operations {
			if op.Listed {
				name := strings.ToUpper(op.Name[:1]) + op.Name[1:]
				fmt.Fprintf(&b, "{%q, %s.%sInput{}, %s.%sOutput{}},\n", op.Name, m.Name, name, m.Name, name)
			}
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n}\n")
	return b.Bytes()
}

func hasListed(m *shape.Service) bool {
	for _, op := range m.Operations {
		if op.Listed {
			return true
		}
	}
	return false
}

// TestEveryOperationFits makes a server of all operations that have types: their
// types and models are walked side by side.
func TestEveryOperationFits(t *testing.T) {
	t.Parallel()
	types := typesByService()
	var services []Service
	n := 0
	for _, m := range catalog.Models() {
		s := Service{Model: m}
		for _, o := range types[m.Name] {
			s.Operations = append(s.Operations, o.operation(nil))
			n++
		}
		services = append(services, s)
	}
	NewServer(Config{Services: services})
	t.Logf("%d operations of %d services", n, len(services))
}
