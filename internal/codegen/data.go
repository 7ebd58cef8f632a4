package codegen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"stormbus/internal/schema"
)

// writeData writes the schemas, the samples and the port of a service.
func (g *generator) writeData(s *service) {
	data := func(name string, content []byte) {
		g.put(File{Path: s.folder + "/gen/" + name, Zone: Generated, Content: content})
	}
	patterns := map[string]string{}
	for _, e := range s.knows {
		g.collectPatterns(e.name, &e.detail, patterns)
		f := File{Path: s.folder + "/gen/schemas/" + e.class + ".json", Zone: Generated, Content: e.detail.JSONSchema()}
		if e.service == s.name {
			f.Event, f.Version = e.name, e.version
		}
		g.put(f)
		data("samples/"+e.class+".json", g.sample(e))
	}
	data("patterns.json", indented(patterns))
	data("port.json", indented(g.port(s)))
}

// collectPatterns notes how Python writes the patterns of a schema.
func (g *generator) collectPatterns(event string, s *schema.Schema, patterns map[string]string) {
	if s.Pattern != "" {
		python, err := pythonPattern(s.Pattern)
		if err != nil {
			g.problem("events."+event, "change the pattern", "the pattern is not legal: %v", err)
		}
		patterns[s.Pattern] = python
	}
	if s.Items != nil {
		g.collectPatterns(event, s.Items, patterns)
	}
	for i := range s.Fields {
		g.collectPatterns(event, &s.Fields[i].Schema, patterns)
	}
}

// sample is a whole event as the bus delivers it: its data is the example on
// the board, or made up.
func (g *generator) sample(e *event) []byte {
	detail := map[string]any{}
	if example, ok := e.data.Example().(map[string]any); ok {
		detail = example
	}
	if own := g.board.Events[e.name].Example; own != nil {
		detail = map[string]any{}
		maps.Copy(detail, own)
	}
	for i, name := range g.board.Bus.Carry {
		detail[name] = fmt.Sprintf("00000000-0000-4000-8000-00000000000%d", i+2)
	}
	return indented(struct {
		Version    string   `json:"version"`
		ID         string   `json:"id"`
		DetailType string   `json:"detail-type"`
		Source     string   `json:"source"`
		Account    string   `json:"account"`
		Time       string   `json:"time"`
		Region     string   `json:"region"`
		Resources  []string `json:"resources"`
		Detail     any      `json:"detail"`
	}{
		"0", "00000000-0000-4000-8000-000000000001", e.name, e.source,
		"000000000000", "2025-01-14T19:30:00Z", "us-east-1",
		[]string{},
		detail,
	})
}

// port is what a service needs of the outside and gives to it, so that it can
// be tested and deployed alone.
type port struct {
	Service   string         `json:"service"`
	Needs     portNeeds      `json:"needs"`
	Sends     []portEvent    `json:"sends"`
	Reads     []portEvent    `json:"reads"`
	Functions []portFunction `json:"functions"`
}

type portNeeds struct {
	Bus string `json:"bus"`
}

type portEvent struct {
	Event      string `json:"event"`
	Source     string `json:"source"`
	DetailType string `json:"detailType"`
	Version    int    `json:"version"`
	Schema     string `json:"schema"` // file beside the port
}

type portFunction struct {
	Name     string   `json:"name"`
	Handler  string   `json:"handler"`
	Item     string   `json:"item"` // of the board
	Cause    string   `json:"cause"`
	Events   []string `json:"events,omitempty"`
	Outcomes []string `json:"outcomes,omitempty"`
}

func (g *generator) port(s *service) port {
	p := port{Service: s.name, Needs: portNeeds{Bus: g.plan.Bus.Name}, Sends: []portEvent{}, Reads: []portEvent{}, Functions: []portFunction{}}
	received := map[string]bool{}
	for i := range s.functions {
		f := &s.functions[i]
		for _, name := range f.Events {
			received[name] = true
		}
		p.Functions = append(p.Functions, portFunction{
			Name: f.Name, Handler: f.Handler(), Item: itemPath(f), Cause: string(f.Cause), Events: f.Events, Outcomes: f.Outcomes,
		})
	}
	for _, e := range s.knows {
		one := portEvent{Event: e.name, Source: e.source, DetailType: e.name, Version: e.version, Schema: "schemas/" + e.class + ".json"}
		if e.service == s.name {
			p.Sends = append(p.Sends, one)
		}
		if received[e.name] {
			p.Reads = append(p.Reads, one)
		}
	}
	return p
}

// indented is a value as JSON, as people read it.
func indented(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		panic(err) // texts, numbers and what was read from YAML can be encoded
	}
	return b.Bytes()
}
