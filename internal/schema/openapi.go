package schema

import (
	"strconv"
	"strings"
)

// openAPI reads the schema of the event's detail out of an OpenAPI document:
// that of the detail of the component AWSEvent, or the component Event.
func (p *parser) openAPI() (Schema, error) {
	at := p.root
	for _, name := range []string{"components", "schemas"} {
		next := at.get(name)
		if next == nil {
			return Schema{}, at.wrong("an OpenAPI document of an event has %s/schemas", "components")
		}
		at = next
	}
	if envelope := at.get("AWSEvent"); envelope != nil {
		properties := envelope.get("properties")
		if properties == nil || properties.get("detail") == nil {
			return Schema{}, envelope.wrong("AWSEvent has no detail")
		}
		return p.schema(properties.get("detail"))
	}
	if event := at.get("Event"); event != nil {
		return p.schema(event)
	}
	return Schema{}, at.wrong("there is no component AWSEvent and none that is called Event")
}

// envelope are the members of an event beside its detail, in AWS's order.
var envelope = []string{"detail", "account", "detail-type", "id", "region", "resources", "source", "time", "version"}

// OpenAPI returns the document of an event as EventBridge's schema registry
// holds it: OpenAPI 3.0, the envelope as component AWSEvent and the detail as
// a component of its own. The same arguments give the same bytes.
func OpenAPI(source, detailType string, version int, detail Schema) []byte {
	title := componentName(detailType)
	event := newRecord().
		put("type", "object").
		put("required", []string{"detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account"}).
		put("x-amazon-events-detail-type", detailType).
		put("x-amazon-events-source", source)
	properties := newRecord()
	for _, name := range envelope {
		member := newRecord()
		switch name {
		case "detail":
			member.put("$ref", "#/components/schemas/"+title)
		case "resources":
			member.put("type", "array").put("items", newRecord().put("type", "string"))
		case "time":
			member.put("type", "string").put("format", "date-time")
		default:
			member.put("type", "string")
		}
		properties.put(name, member)
	}
	event.put("properties", properties)
	document := newRecord().
		put("openapi", "3.0.0").
		put("info", newRecord().put("version", strconv.Itoa(version)+".0.0").put("title", title)).
		put("paths", newRecord()).
		put("components", newRecord().
			put("schemas", newRecord().put("AWSEvent", event).put(title, detail.record(openAPI3))))
	return document.indented()
}

// componentName is a detail-type in the form of AWS's names of components:
// words run together, each with a capital. It is never AWSEvent, which has its
// place.
func componentName(detailType string) string {
	var b strings.Builder
	up := true
	for _, r := range detailType {
		switch isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'; {
		case isLetter && up:
			b.WriteString(strings.ToUpper(string(r)))
			up = false
		case isLetter, r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
			up = false
		default:
			up = true
		}
	}
	if b.Len() == 0 || b.String() == "AWSEvent" {
		return "Detail" + b.String()
	}
	return b.String()
}
