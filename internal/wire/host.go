package wire

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// VirtualHost is what the host name of a request says beside where the server
// is: https://NAME.KIND.REGION.the.server.
type VirtualHost struct {
	Kind   string // HostS3, HostAPI, HostFunction, or "" if the name says nothing
	Name   string // of the bucket, the API, or the function URL
	Region string // "" if the name has none
}

// The kinds of virtual hosts.
const (
	HostS3       = "s3"
	HostAPI      = "execute-api"
	HostFunction = "lambda-url"
)

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

// virtualHost reads the name in a Host header.
func virtualHost(host string) VirtualHost {
	if strings.IndexByte(host, '.') < 0 {
		return VirtualHost{}
	}
	labels := strings.Split(hostName(host), ".")
	for i := len(labels) - 1; i > 0; i-- {
		kind := labels[i]
		// The names of buckets may have dots.
		if kind != HostS3 && (i != 1 || kind != HostAPI && kind != HostFunction) {
			continue
		}
		v := VirtualHost{Kind: kind, Name: strings.Join(labels[:i], ".")}
		if i+1 < len(labels) && regionName.MatchString(labels[i+1]) {
			v.Region = labels[i+1]
		}
		return v
	}
	return VirtualHost{}
}

// toVirtualHost hands a request for an API or a function on, if it is one. Such
// a host name can mean nothing else, whatever the request is signed for.
func (c *call) toVirtualHost() (bool, error) {
	kind := c.req.Host.Kind
	if kind != HostAPI && kind != HostFunction {
		return false, nil
	}
	c.req.Service = kind
	handler := c.server.hosts[kind]
	if handler == nil {
		return true, notImplemented("Requests to %s hosts are not implemented by stormbus.", kind)
	}
	c.handOn(handler)
	return true, nil
}

// handOn lets another handler answer, with what is known about the request.
func (c *call) handOn(handler http.Handler) {
	c.handedOn = true
	w := &statusWriter{ResponseWriter: c.w}
	handler.ServeHTTP(w, c.r.WithContext(withRequest(c.r.Context(), &c.carried)))
	c.status, c.size = w.status, w.size
}

// hasHostPrefix reports whether host is what clients make of the name
// "localhost" for operations that want a prefix before the host, such as
// sync-localhost.
func (s *Server) hasHostPrefix(host string) bool {
	prefix, isLocal := strings.CutSuffix(host, "localhost")
	return isLocal && slices.ContainsFunc(s.services, func(s *service) bool { return s.hostPrefixes[prefix] })
}
