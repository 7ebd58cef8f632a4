package wire

import (
	"errors"
	"net/http"
	"reflect"

	"stormbus/internal/shape"
)

// eventWriter answers with the messages of an event stream.
type eventWriter struct {
	call    *call
	format  format
	control *http.ResponseController
	err     error // of the connection; nobody listens any more
}

// respondEvents answers with the events of v, the member m of the output, as
// they come.
func (c *call) respondEvents(status int, f format, m *field, v reflect.Value) error {
	w := &eventWriter{call: c, format: f, control: http.NewResponseController(c.w)}
	c.begin(status, eventStreamType)
	w.flush()
	w.events(m, v)
	return nil
}

// respondEventsRPC is respondEvents for protocols whose output is one message:
// the other members of out are told in the first one.
func (c *call) respondEventsRPC(f format, out reflect.Value) error {
	w := &eventWriter{call: c, format: f, control: http.NewResponseController(c.w)}
	c.begin(c.op.status(), eventStreamType)
	var first message
	first.text(":message-type", "event")
	first.text(":event-type", "initial-response")
	first.text(":content-type", f.mediaType())
	w.send(&first, f.write(nil, c.op.out, out, root{}))
	m := c.op.out.events
	w.events(m, out.Field(m.index))
	return nil
}

// events sends what v, an iter.Seq2[*T, error], yields. An error ends it.
func (w *eventWriter) events(m *field, v reflect.Value) {
	if v.IsNil() || w.call.r.Method == http.MethodHead {
		return
	}
	yield := reflect.MakeFunc(v.Type().In(0), func(args []reflect.Value) []reflect.Value {
		more := false
		if err, failed := args[1].Interface().(error); failed {
			w.fail(m.plan.elem, err)
		} else if !args[0].IsNil() {
			w.event(m.plan.elem, args[0].Elem())
			more = w.err == nil
		}
		return []reflect.Value{reflect.ValueOf(more)}
	})
	v.Call([]reflect.Value{yield})
	if w.err != nil {
		w.call.abort(w.err)
	}
}

// event sends the one member of v that is given.
func (w *eventWriter) event(p *plan, v reflect.Value) {
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if fv.IsNil() {
			continue
		}
		var m message
		m.text(":message-type", "event")
		m.text(":event-type", f.name)
		payload := w.payload(&m, f.plan, fv.Elem())
		w.send(&m, payload)
		return
	}
}

// payload adds the headers of the event v to m, and returns its payload: the
// member that is that, or all that are not headers.
func (w *eventWriter) payload(m *message, p *plan, v reflect.Value) []byte {
	var payload *field
	inBody := 0
	for i := range p.fields {
		f := &p.fields[i]
		switch fv := v.Field(f.index); {
		case f.member.EventPayload:
			payload = f
		case !f.member.EventHeader:
			inBody++
		case !fv.IsNil():
			eventHeader(m, f, fv)
		}
	}
	if payload == nil {
		if inBody == 0 {
			return nil
		}
		m.text(":content-type", w.format.mediaType())
		return w.format.write(nil, p.withoutHeaders(), v, root{name: p.shape.Name})
	}
	fv := v.Field(payload.index)
	switch payload.plan.kind {
	case shape.Blob:
		m.text(":content-type", blobType)
		return fv.Bytes()
	case shape.String:
		m.text(":content-type", "text/plain")
		text, _ := getText(payload.plan, fv, "")
		return []byte(text)
	}
	m.text(":content-type", w.format.mediaType())
	if fv.IsNil() {
		return nil
	}
	return w.format.write(nil, payload.plan, fv, root{name: payload.element})
}

// withoutHeaders is p without the members that are headers of a message.
func (p *plan) withoutHeaders() *plan {
	rest := *p
	rest.fields = nil
	for i := range p.fields {
		if !p.fields[i].member.EventHeader {
			rest.fields = append(rest.fields, p.fields[i])
		}
	}
	return &rest
}

func eventHeader(m *message, f *field, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch f.plan.kind {
	case shape.Boolean:
		m.flag(f.name, v.Bool())
	case shape.Integer:
		m.integer(f.name, int32(v.Int()))
	case shape.Long:
		m.long(f.name, v.Int())
	case shape.Blob:
		m.sized(f.name, headerBytes, v.Bytes())
	case shape.Timestamp:
		m.time(f.name, timeOf(v))
	case shape.String:
		m.text(f.name, v.String())
	}
}

// fail ends the stream with an error: one of the stream's exceptions, or else a
// message that is none of its events.
func (w *eventWriter) fail(p *plan, err error) {
	e := (*Error)(nil)
	if errors.As(err, &e) {
		w.call.logFault(e)
	} else {
		e = w.call.internalError(err)
	}
	f := e.complete(w.call.model())
	w.call.code = f.code
	var m message
	for i := range p.fields {
		member := p.fields[i].member
		if member.Shape != f.code {
			continue
		}
		m.text(":message-type", "exception")
		m.text(":exception-type", member.Name)
		m.text(":content-type", w.format.mediaType())
		w.send(&m, w.format.write(nil, messagePlan, reflect.ValueOf(onlyMessage{&f.message}), root{name: f.code}))
		return
	}
	m.text(":message-type", "error")
	m.text(":error-code", f.code)
	m.text(":error-message", f.message)
	w.send(&m, nil)
}

// send sends a message at once.
func (w *eventWriter) send(m *message, payload []byte) {
	b := m.append(nil, payload)
	n, err := w.call.w.Write(b)
	w.call.size += n
	if w.err = err; err == nil {
		w.flush()
	}
}

func (w *eventWriter) flush() { w.err = flush(w.control) }

// onlyMessage is an exception in a stream.
type onlyMessage struct{ Message *string }

var messagePlan = &plan{
	shape: &shape.Shape{Kind: shape.Structure}, kind: shape.Structure,
	fields: []field{{
		member: &shape.Member{Name: "message"}, name: "message", element: "message",
		plan: &plan{shape: &shape.Shape{Kind: shape.String}, kind: shape.String},
	}},
}
