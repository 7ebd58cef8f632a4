package wire

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guard refuses what only a browser with a foreign page would send. It returns
// nil if r may pass. There are no answers by CORS but those of services to which
// Config.CrossSite lets other sites.
func (s *Server) guard(r *http.Request) *Error {
	if !s.ServesHost(r.Host) {
		return commonError(http.StatusForbidden, "AccessDeniedException",
			"The host name '%s' is not served here. What is: localhost, names that end with .localhost, "+
				"addresses, and the names that the server was started with (--allow-host).", r.Host)
	}
	origin := r.Header.Get("Origin")
	site := r.Header.Get("Sec-Fetch-Site")
	foreign := origin != "" && !s.sameSite(origin, r.Host)
	if !foreign && site != "cross-site" && site != "same-site" || s.crossSite != nil && s.crossSite(r) {
		return nil
	}
	switch method := r.Header.Get("Access-Control-Request-Method"); {
	case foreign && r.Method == http.MethodOptions && method != "":
		return commonError(http.StatusForbidden, "AccessDeniedException",
			"Pages of the site '%s' may not send %s requests: what is here answers no cross-site requests (CORS).", origin, method)
	case foreign:
		return commonError(http.StatusForbidden, "AccessDeniedException", "Requests from the site '%s' are refused.", origin)
	}
	return commonError(http.StatusForbidden, "AccessDeniedException",
		"Requests from another site are refused (Sec-Fetch-Site: %s).", site)
}

// ServesHost reports whether the server answers under a host name, or at an
// address: requests for others are refused.
func (s *Server) ServesHost(name string) bool {
	name = hostName(name)
	return isSafe(name) || s.allowedHosts[name] || s.hasHostPrefix(name)
}

// sameSite reports whether a page of origin may call host: only its own may.
func (s *Server) sameSite(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, host)
}

// hostName is the name in a Host header, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isSafe reports whether no name server can make host mean this machine for a
// foreign page: it is a local name, or no name at all but an address.
func isSafe(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && !addr.IsUnspecified()
}

// baseURL is scheme://host as the caller sees us, through a proxy if there is
// one.
func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	if proto := firstOf(r.Header.Get("X-Forwarded-Proto")); proto == "http" || proto == "https" {
		scheme = proto
	}
	host := r.Host
	if forwarded := firstOf(r.Header.Get("X-Forwarded-Host")); isHost(forwarded) {
		host = forwarded
	}
	return scheme + "://" + host
}

// firstOf is the first of what the proxies on the way have added.
func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}

// isHost reports whether s can be a host with or without a port: it becomes
// part of URLs.
func isHost(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") == ""
}
