{{/* What the NetworkPolicies are made of. */}}
{{- define "streamspace.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "streamspace.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "streamspace.selector" . | nindent 6 }}
{{- end -}}
{{- define "streamspace.peer" -}}
podSelector: {matchLabels: {app.kubernetes.io/name: {{ (index . 0).Chart.Name }}, app.kubernetes.io/instance: {{ (index . 0).Release.Name }}, app.kubernetes.io/component: {{ index . 1 }}}}
{{- end -}}
{{- define "streamspace.dnsEgress" -}}
- to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector:
        matchLabels:
          {{- toYaml .Values.networkPolicy.dnsPodLabels | nindent 10 }}
    {{- range .Values.networkPolicy.dnsCIDRs }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{- end -}}
{{- define "streamspace.apiServerEgress" -}}
- to:
    {{- range .Values.networkPolicy.apiServerCIDRs }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  ports:
    {{- range .Values.networkPolicy.apiServerPorts }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end -}}
{{- define "streamspace.databaseEgress" -}}
{{- if .Values.postgresql.enabled }}
- to:
    - {{ include "streamspace.peer" (list . "postgresql") }}
  ports: [{protocol: TCP, port: 5432}]
{{- else }}
# A policy knows no names: any address, on the database's port.
- ports: [{protocol: TCP, port: {{ .Values.database.port }}}]
{{- end }}
{{- end -}}
{{- define "streamspace.sessionPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "streamspace.fullname" (index . 0) }}-{{ index . 1 }}
  namespace: {{ (index . 0).Values.sessionNamespace }}
  labels:
    {{- include "streamspace.labels" (list (index . 0) "network") | nindent 4 }}
{{- end -}}
