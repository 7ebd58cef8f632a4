package wire

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"stormbus/internal/shape"
)

// route finds the service, the operation and the protocol. What does not need
// the body comes first, so that most requests are known before it is read.
func (c *call) route() error {
	if protocol := c.r.Header.Get("Smithy-Protocol"); protocol != "" {
		return c.routeSmithy(protocol)
	}
	if target := c.r.Header.Get("X-Amz-Target"); target != "" {
		return c.routeTarget(target)
	}
	if c.req.Service != "" {
		return c.routeSigned(c.req.Service)
	}
	if c.req.Host.Kind == HostS3 {
		return c.routeRest()
	}
	// The path goes before the form: curl calls every body a form unless it is
	// told what it is.
	if slices.ContainsFunc(c.server.services, c.routePath) {
		return nil
	}
	if c.hasAction() {
		return c.routeAction(nil)
	}
	return c.routeRest()
}

// smithyCBOR is the protocol's name in the header Smithy-Protocol.
const smithyCBOR = "rpc-v2-cbor"

// routeSmithy follows the path /service/S/operation/O. There may be more before
// it, if the endpoint has a path.
func (c *call) routeSmithy(protocol string) error {
	path := segments(c.r.URL.Path)
	if len(path) > 4 {
		path = path[len(path)-4:]
	}
	if len(path) != 4 || path[0] != "service" || path[2] != "operation" {
		return c.noOperation()
	}
	if protocol == smithyCBOR {
		for _, s := range c.server.services {
			if s.model.TargetPrefix == path[1] && s.speaks(shape.CBOR) {
				c.use(s, shape.CBOR)
				return c.useOperation(path[3])
			}
		}
	}
	return notImplemented("The operation %s.%s is not implemented by stormbus in the protocol %s.", path[1], path[3], protocol)
}

// routeTarget follows X-Amz-Target, prefix.Operation.
func (c *call) routeTarget(target string) error {
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 {
		return commonError(http.StatusBadRequest, "UnknownOperationException", "The target '%s' names no operation.", target)
	}
	prefix, name := target[:dot], target[dot+1:]
	for _, s := range c.server.services {
		if s.model.TargetPrefix == prefix && s.speaks(shape.JSON) {
			c.use(s, shape.JSON)
			return c.useOperation(name)
		}
	}
	if c.req.Service != "" && !c.server.serves(c.req.Service) {
		return notImplemented("The operation %s.%s is not implemented by stormbus.", c.req.Service, name)
	}
	return commonError(http.StatusBadRequest, "UnknownOperationException", "The target '%s' belongs to no service.", target)
}

// serves reports whether any service has the name in its credential scope.
func (s *Server) serves(signingName string) bool {
	return slices.ContainsFunc(s.services, func(s *service) bool { return s.model.SigningName == signingName })
}

// routeSigned follows the service in the credential scope. Several services may
// have the same name there; what the request looks like tells them apart.
func (c *call) routeSigned(signingName string) error {
	if !c.server.serves(signingName) {
		return notImplemented("The service %s is not implemented by stormbus.", signingName)
	}
	for _, s := range c.server.services {
		if s.model.SigningName != signingName {
			continue
		}
		switch {
		case s.greedy():
			return c.routeRest()
		case s.paths != nil:
			if c.routePath(s) {
				return nil
			}
		case s.model.Protocol == shape.Query, s.speaks(shape.Query) && c.hasAction():
			c.use(s, shape.Query)
			return c.routeAction(s)
		}
		c.use(s, s.model.Protocol)
	}
	return c.noOperation()
}

// routeAction follows Action and Version of a form. Service is known from the
// signature, or nil.
func (c *call) routeAction(s *service) error {
	values, err := c.form()
	if err != nil {
		return err
	}
	action, version := values.Get("Action"), values.Get("Version")
	if action == "" {
		return commonError(http.StatusBadRequest, "MissingAction", "The request is missing an action or a required parameter.")
	}
	candidates := c.server.services
	if s != nil {
		candidates = []*service{s}
	}
	for _, s := range candidates {
		if !s.speaks(shape.Query) || version != "" && version != s.model.APIVersion || s.ops[action] == nil {
			continue
		}
		c.use(s, shape.Query)
		return c.useOperation(action)
	}
	return commonError(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", action, version)
}

// routePath follows the path, for a REST service that does not take every path.
func (c *call) routePath(s *service) bool {
	if s.paths == nil || s.greedy() {
		return false
	}
	return c.useRoute(s, s.paths.find(c.r, segments(c.r.URL.EscapedPath())))
}

func (c *call) useRoute(s *service, found route) bool {
	if found.op == nil {
		return false
	}
	c.use(s, s.model.Protocol)
	c.op, c.labels = found.op, found.labels
	return true
}

// routeRest is S3, for which every path is a bucket and a key.
func (c *call) routeRest() error {
	for _, s := range c.server.services {
		if !s.greedy() {
			continue
		}
		path := keySegments(c.r.URL.EscapedPath())
		if host := c.req.Host; host.Kind == HostS3 {
			path = keySegments("/" + host.Name + "/" + strings.TrimPrefix(c.r.URL.EscapedPath(), "/"))
		}
		if c.useRoute(s, s.paths.find(c.r, path)) {
			return nil
		}
		c.use(s, s.model.Protocol)
		return commonError(http.StatusMethodNotAllowed, "MethodNotAllowed",
			"The specified method is not allowed against this resource.")
	}
	return c.noOperation()
}

func (c *call) use(s *service, p shape.Protocol) { c.service, c.codec = s, s.codecs[p] }

func (c *call) useOperation(name string) error {
	c.op = c.service.ops[name]
	if c.op == nil {
		return commonError(http.StatusBadRequest, "UnknownOperationException",
			"The service %s has no operation %s.", c.service.model.Name, name)
	}
	return nil
}

func (c *call) noOperation() error {
	return commonError(http.StatusNotFound, "UnknownOperationException",
		"No operation of an AWS service is at %s %s.", c.r.Method, c.r.URL.Path)
}

func notImplemented(format string, args ...any) error {
	return commonError(http.StatusNotImplemented, "NotImplemented", format, args...)
}

// hasAction reports whether the request can be of the query protocol.
func (c *call) hasAction() bool {
	return c.isForm() || c.query().Has("Action")
}

func (c *call) isForm() bool {
	return mediaType(c.r) == "application/x-www-form-urlencoded"
}

// mediaType is the media type of the body, without parameters. AWS's clients
// disagree about the charset.
func mediaType(r *http.Request) string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// guessCodec is the codec in which an error is told when the service is not
// known: what the request looks like.
func (c *call) guessCodec() codec {
	switch t := mediaType(c.r); {
	case c.r.Header.Get("Smithy-Protocol") == smithyCBOR:
		return cborCodec{}
	case c.r.Header.Get("X-Amz-Target") != "", strings.HasPrefix(t, "application/x-amz-json-"):
		return jsonCodec{}
	case c.req.Service == "s3", c.req.Host.Kind == HostS3:
		return restXMLCodec{}
	case c.hasAction():
		return queryCodec{}
	}
	return restJSONCodec{}
}
