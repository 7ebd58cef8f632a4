package wire

import "reflect"

// restJSONCodec is rest-json: the input is spread over the path, the query
// string, headers and the body.
type restJSONCodec struct{}

func (restJSONCodec) format() format { return jsonFormat{} }

func (r restJSONCodec) decode(c *call, in reflect.Value) ([]string, error) {
	return decodeREST(c, r.format(), in)
}

func (r restJSONCodec) encode(c *call, out reflect.Value) error {
	return encodeREST(c, r.format(), out)
}

func (restJSONCodec) fail(c *call, f failure) {
	c.w.Header().Set("X-Amzn-Errortype", f.code)
	fields := map[string]any{"message": f.message}
	if f.model != nil {
		for i := range f.model.Members {
			if f.model.Members[i].Name == "Type" {
				fields["Type"], fields["Message"] = "User", f.message
				if f.fault == Receiver {
					fields["Type"] = "Service"
				}
			}
		}
	}
	c.respondError("application/json", f, fields)
}
