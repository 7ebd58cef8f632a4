package lambda

import "stormbus/internal/wire"

// Operations lists what this service implements.
func (s *Service) Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("AddPermission", s.AddPermission),
		wire.Op("CreateFunction", s.CreateFunction),
		wire.Op("DeleteFunction", s.DeleteFunction),
		wire.Op("DeleteFunctionConcurrency", s.DeleteFunctionConcurrency),
		wire.Op("DeleteFunctionEventInvokeConfig", s.DeleteFunctionEventInvokeConfig),
		wire.Op("GetAccountSettings", s.GetAccountSettings),
		wire.Op("GetFunction", s.GetFunction),
		wire.Op("GetFunctionCodeSigningConfig", s.GetFunctionCodeSigningConfig),
		wire.Op("GetFunctionConcurrency", s.GetFunctionConcurrency),
		wire.Op("GetFunctionConfiguration", s.GetFunctionConfiguration),
		wire.Op("GetFunctionEventInvokeConfig", s.GetFunctionEventInvokeConfig),
		wire.Op("GetPolicy", s.GetPolicy),
		wire.Op("Invoke", s.Invoke),
		wire.Op("ListFunctions", s.ListFunctions),
		wire.Op("ListTags", s.ListTags),
		wire.Op("ListVersionsByFunction", s.ListVersionsByFunction),
		wire.Op("PutFunctionConcurrency", s.PutFunctionConcurrency),
		wire.Op("PutFunctionEventInvokeConfig", s.PutFunctionEventInvokeConfig),
		wire.Op("RemovePermission", s.RemovePermission),
		wire.Op("TagResource", s.TagResource),
		wire.Op("UntagResource", s.UntagResource),
		wire.Op("UpdateFunctionCode", s.UpdateFunctionCode),
		wire.Op("UpdateFunctionConfiguration", s.UpdateFunctionConfiguration),
		wire.Op("UpdateFunctionEventInvokeConfig", s.UpdateFunctionEventInvokeConfig),
	}
}
