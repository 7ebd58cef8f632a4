package plan

import (
	"errors"
	"fmt"

	"stormbus/internal/board"
	"stormbus/internal/schema"
)

// maxSchemaName is the length of the longest name of a schema that is planned.
const maxSchemaName = 385

// schemas plans one for each event that has a sender and says what its data is.
func (p *planner) schemas() {
	for _, name := range board.Names(p.board.Events) {
		e, item := p.board.Events[name], "events."+name
		service := p.board.Producer(name)
		if service == "" {
			continue
		}
		if !e.HasSchema() {
			p.missing(item, until(8, "it has no schema yet"))
			continue
		}
		detail, err := p.detail(e)
		if err != nil {
			p.problem(err.Error(), "mend the schema", item)
			continue
		}
		if field := schema.Clash(detail, p.board.Bus.Carry); field != "" {
			p.problem(fmt.Sprintf("its data has the field %s, which the bus carries", field), "give one of them another name (bus.carry)", item)
			continue
		}
		source := p.board.Source(service)
		s := Schema{
			Name: schema.Name(source, name), Event: name, Source: source, DetailType: name, Version: max(1, e.V), Service: service,
			Detail: schema.Carry(detail, p.board.Bus.Carry),
		}
		if p.claim(SchemaKind, s.Name, maxSchemaName, item) {
			p.plan.Schemas = append(p.plan.Schemas, s)
		}
	}
}

// detail is what the board says about the data of an event.
func (p *planner) detail(e *board.Event) (schema.Schema, error) {
	if e.Data != nil && e.Schema != "" {
		return schema.Schema{}, errors.New("it has both data and schema")
	}
	if e.Schema == "" {
		for _, fault := range e.Data.Faults() {
			return schema.Schema{}, fmt.Errorf("%s: %s", fault.Path, fault.Message)
		}
		return e.Data.Schema(), nil
	}
	if p.read == nil {
		return schema.Schema{}, fmt.Errorf("its schema is in %s, and files cannot be read here", e.Schema)
	}
	text, err := p.read(e.Schema)
	if err != nil {
		return schema.Schema{}, fmt.Errorf("its schema cannot be read: %w", err)
	}
	detail, err := schema.Parse(e.Schema, text)
	switch {
	case err != nil:
		return schema.Schema{}, err
	case detail.Kind != schema.Object || detail.Nullable:
		return schema.Schema{}, fmt.Errorf("%s is the schema of something that is no object, and the data of an event is one", e.Schema)
	}
	return detail, nil
}
