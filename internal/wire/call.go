package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"runtime/debug"
	"strings"
	"time"
	"unsafe"

	"stormbus/internal/arn"
	"stormbus/internal/shape"
	"stormbus/internal/sigv4"
	"stormbus/internal/telemetry"
)

// call is one request on its way.
type call struct {
	server  *Server
	w       http.ResponseWriter
	r       *http.Request
	started time.Time
	carried // the request, and where it is answered, as operations see them

	signature sigv4.Signature
	signed    bool
	hashing   *hashing // nil if nothing is verified

	service *service   // nil until it is known
	op      *operation // nil until it is known
	codec   codec      // nil until it is known
	labels  map[string]string
	queries url.Values // of the URL, once parsed

	body     []byte
	bodyRead bool
	received int64      // bytes of the body, as it came
	forms    url.Values // of the body, once parsed

	buffer *[]byte // pooled
	buf    []byte  // the answer's body in the making, in buffer
	status int
	size   int
	// handedOn requests were answered by another handler.
	handedOn bool
	code     string // of the error, if it was one
}

// identify gives the request its id, which every answer carries.
func (c *call) identify() bool {
	id, err := c.server.ids.next()
	if err != nil {
		c.server.log.Error("request without an id", telemetry.KeyError, err)
		c.respond(http.StatusInternalServerError, "text/plain", []byte(internalMessage))
		return false
	}
	c.req.ID, c.writer = id, c.w
	c.w.Header().Set("X-Amzn-Requestid", id)
	return true
}

// locate notes what every request says, signed or not.
func (c *call) locate() {
	c.req.BaseURL = baseURL(c.r)
	c.req.Host = virtualHost(c.r.Host)
	c.req.Trace = telemetry.ParseTrace(c.r.Header.Get(telemetry.TraceHeader))
	c.req.Scope = arn.Scope{Account: c.server.account, Region: c.server.region}
}

// answer does everything that can fail with an error for the caller.
func (c *call) answer() error {
	if err := c.attribute(); err != nil {
		return err
	}
	if done, err := c.toVirtualHost(); done || err != nil {
		return err
	}
	if err := c.route(); err != nil {
		return err
	}
	c.req.Service, c.req.Operation = c.op.service.model.Name, c.op.model.Name
	if err := c.authorize(); err != nil {
		return err
	}
	if c.op.impl == nil {
		return notImplemented("The operation %s.%s is not implemented by stormbus.", c.req.Service, c.req.Operation)
	}
	if !c.op.streams() {
		if err := c.readBody(); err != nil {
			return err
		}
	}
	in := c.op.impl.newIn()
	v := reflect.ValueOf(in).Elem()
	found, err := c.codec.decode(c, v)
	if err != nil {
		return err
	}
	if e := validate(c.model(), c.op.in, v, found); e != nil {
		return e
	}
	out, err := c.run(in)
	if err != nil {
		return err
	}
	return c.codec.encode(c, out)
}

// attribute finds out who calls, from where, and through what.
func (c *call) attribute() error {
	c.locate()
	c.watchBody()
	var err error
	c.signature, c.signed, err = sigv4.Parse(c.r)
	if err != nil || !c.signed {
		return err
	}
	c.req.Service = c.signature.Service // until we know better
	c.req.AccessKeyID = c.signature.AccessKeyID
	if c.signature.Region != "" {
		c.req.Scope.Region = c.signature.Region
	}
	c.req.Scope.Account = c.server.accountFor(c.signature.AccessKeyID)
	return nil
}

func (s *Server) accountFor(accessKeyID string) string {
	if s.accountOf != nil {
		if account, ok := s.accountOf(accessKeyID); ok {
			return account
		}
	}
	if len(accessKeyID) == 12 && strings.Trim(accessKeyID, "0123456789") == "" {
		return accessKeyID
	}
	return s.account
}

// model is the model of the service, or nil if it is not known.
func (c *call) model() *shape.Service {
	if c.service == nil {
		return nil
	}
	return c.service.model
}

// query is the URL's query.
func (c *call) query() url.Values {
	if c.queries == nil {
		c.queries = c.r.URL.Query()
	}
	return c.queries
}

// form is the body as a form, with what the URL's query has beside it.
func (c *call) form() (url.Values, error) {
	if c.forms != nil {
		return c.forms, nil
	}
	if err := c.readBody(); err != nil {
		return nil, err
	}
	// The body is not written to any more, so that it can be a string as it is.
	values, err := url.ParseQuery(unsafe.String(unsafe.SliceData(c.body), len(c.body)))
	if err != nil {
		return nil, malformedInput("The request body is not a form: %v", err)
	}
	for name, more := range c.query() {
		values[name] = append(values[name], more...)
	}
	c.forms = values
	return values, nil
}

// panicked is a panic of a handler.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// run calls the handler.
func (c *call) run(in any) (reflect.Value, error) {
	out, err := c.op.impl.call(withRequest(c.r.Context(), &c.carried), in)
	if err != nil {
		return reflect.Value{}, err
	}
	return reflect.ValueOf(out).Elem(), nil
}

// safely calls answer. A panic becomes an error: it is one request's end, not
// the server's.
func (c *call) safely() (err error) {
	defer func() {
		switch value := recover(); value {
		case nil:
		case http.ErrAbortHandler:
			panic(value)
		default:
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	return c.answer()
}
