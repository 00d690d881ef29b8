{{/* Names and labels. Objects of a release called "streamspace" are called streamspace-api, streamspace-ui, … */}}
{{- define "streamspace.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 36 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 36 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* (list . "component") */}}
{{- define "streamspace.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "streamspace.labels" -}}
{{- $ := index . 0 -}}
{{ include "streamspace.selector" . }}
app.kubernetes.io/part-of: streamspace
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* metadata of an object in the control plane's namespace: (list . "component" "name-suffix"); "" is the release's name itself */}}
{{- define "streamspace.metadata" -}}
{{- $ := index . 0 -}}
name: {{ include "streamspace.fullname" $ }}{{ with index . 2 }}-{{ . }}{{ end }}
namespace: {{ $.Values.namespace }}
labels:
  {{- include "streamspace.labels" (list $ (index . 1)) | nindent 2 }}
{{- end -}}

{{- define "streamspace.agentName" -}}
{{ include "streamspace.fullname" . }}-k8s-agent
{{- end -}}

{{/* (list . "server") */}}
{{- define "streamspace.image" -}}
{{- $ := index . 0 -}}
{{- $name := index . 1 -}}
{{- with $.Values.image.registry }}{{ . }}/{{ end -}}
{{ $.Values.image.repository }}/{{ $name }}
{{- $digest := get $.Values.image.digests $name -}}
{{- if $digest }}@{{ $digest }}{{ else }}:{{ $.Values.image.tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "streamspace.containerImage" -}}
image: {{ include "streamspace.image" . | quote }}
imagePullPolicy: {{ (index . 0).Values.image.pullPolicy }}
{{- end -}}

{{/* What every pod of ours begins with; none of them has a use for a service account's token unless it says so. */}}
{{- define "streamspace.podSpec" -}}
{{- $ := index . 0 -}}
{{- $settings := index . 1 -}}
enableServiceLinks: false
{{- with $.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "streamspace.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* Whether several pods of it may run: (dict "replicas" N "autoscaling" {…}) as in values */}}
{{- define "streamspace.isMany" -}}
{{- $many := gt (int .replicas) 1 -}}
{{- if .autoscaling }}{{ if .autoscaling.enabled }}{{ $many = gt (int .autoscaling.maxReplicas) 1 }}{{ end }}{{ end -}}
{{- if $many }}true{{ end -}}
{{- end -}}

{{/* Pods of one kind go to different nodes and zones where there are several. (list . "component") */}}
{{- define "streamspace.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "streamspace.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}

{{/* --- the database ------------------------------------------------------------------------------------------------ */}}
{{- define "streamspace.databaseHost" -}}
{{- if .Values.postgresql.enabled }}{{ include "streamspace.fullname" . }}-postgresql{{ else }}{{ .Values.database.host }}{{ end -}}
{{- end -}}
{{- define "streamspace.databasePort" -}}
{{- if .Values.postgresql.enabled }}5432{{ else }}{{ .Values.database.port }}{{ end -}}
{{- end -}}

{{/* Where libpq finds what. (list . "user") */}}
{{- define "streamspace.databaseEnv" -}}
{{- $ := index . 0 -}}
- {name: PGHOST, value: {{ include "streamspace.databaseHost" $ | quote }}}
- {name: PGPORT, value: {{ include "streamspace.databasePort" $ | quote }}}
- {name: PGUSER, value: {{ index . 1 | quote }}}
- {name: PGPASSFILE, value: /run/pgpass/pgpass}
{{- if $.Values.postgresql.enabled }}
- {name: PGSSLMODE, value: disable}
{{- else }}
- {name: PGSSLMODE, value: {{ $.Values.database.sslMode }}}
{{- if $.Values.database.caSecret }}
- {name: PGSSLROOTCERT, value: /run/database-ca/ca.crt}
{{- else if hasPrefix "verify" $.Values.database.sslMode }}
- {name: PGSSLROOTCERT, value: /etc/ssl/certs/ca-certificates.crt}
{{- end }}
{{- end }}
{{- end -}}

{{- define "streamspace.databaseMounts" -}}
- {name: pgpass, mountPath: /run/pgpass, readOnly: true}
{{- if and (not .Values.postgresql.enabled) .Values.database.caSecret }}
- {name: database-ca, mountPath: /run/database-ca, readOnly: true}
{{- end }}
{{- end -}}

{{/* (list . "name of the Secret with the password") */}}
{{- define "streamspace.databaseVolumes" -}}
{{- $ := index . 0 -}}
- name: pgpass
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: database-password
  secret: {secretName: {{ index . 1 }}, items: [{key: password, path: password}]}
{{- if and (not $.Values.postgresql.enabled) $.Values.database.caSecret }}
- name: database-ca
  secret: {secretName: {{ $.Values.database.caSecret }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end -}}

{{/* libpq takes a password file only from its owner alone, which no Secret volume can give to a user that is not root:
     an init container writes one into memory. (list . "image") */}}
{{- define "streamspace.passwordFile" -}}
- name: password-file
  {{- include "streamspace.containerImage" . | nindent 2 }}
  command: [/bin/sh, -ec]
  args:
    - umask 077; sed -e 's/[\\:]/\\&/g' -e 's/^/*:*:*:*:/' -e 1q /run/database-password/password > /run/pgpass/pgpass
  {{- include "streamspace.containerSecurity" . | nindent 2 }}
  resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 64Mi}}
  volumeMounts:
    - {name: database-password, mountPath: /run/database-password, readOnly: true}
    - {name: pgpass, mountPath: /run/pgpass}
{{- end -}}

{{/* Init containers of whoever needs the schema. No hook: they wait, whatever order things are made in. */}}
{{- define "streamspace.waitSchema" -}}
{{ include "streamspace.passwordFile" (list . "server") }}
- name: wait-schema
  {{- include "streamspace.containerImage" (list . "server") | nindent 2 }}
  args: [wait-schema]
  {{- include "streamspace.containerSecurity" . | nindent 2 }}
  env:
    - {name: STREAMSPACED_DATABASE, value: {{ .Values.database.name | quote }}}
    {{- include "streamspace.databaseEnv" (list . .Values.database.user) | nindent 4 }}
  resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 128Mi}}
  volumeMounts:
    {{- include "streamspace.databaseMounts" . | nindent 4 }}
{{- end -}}

{{/* --- Secrets: yours, or ours by these names ----------------------------------------------------------------------- */}}
{{- define "streamspace.secretName" -}}
{{- $ := index . 0 -}}
{{- $own := printf "%s-%s" (include "streamspace.fullname" $) (index . 1) -}}
{{- index . 2 | default $own -}}
{{- end -}}
{{- define "streamspace.databaseSecret" }}{{ include "streamspace.secretName" (list . "database" .Values.database.existingSecret) }}{{ end -}}
{{- define "streamspace.superuserSecret" -}}
{{- if .Values.postgresql.enabled -}}
{{ include "streamspace.secretName" (list . "postgresql" .Values.postgresql.existingSecret) }}
{{- else -}}
{{ .Values.migration.existingSecret }}
{{- end -}}
{{- end -}}
{{- define "streamspace.redisSecret" }}{{ include "streamspace.secretName" (list . "redis" .Values.redis.existingSecret) }}{{ end -}}
{{- define "streamspace.adminSecret" }}{{ include "streamspace.secretName" (list . "admin" .Values.admin.existingSecret) }}{{ end -}}
{{- define "streamspace.enrolmentSecret" }}{{ include "streamspace.secretName" (list . "enrolment" .Values.enrolment.existingSecret) }}{{ end -}}
{{- define "streamspace.cleanupSecret" }}{{ include "streamspace.secretName" (list . "cleanup" .Values.cleanup.existingSecret) }}{{ end -}}
{{- define "streamspace.identitySecret" }}{{ include "streamspace.agentName" . }}-identity{{ end -}}

{{/* The revision, and what the Job is made of: `helm` counts revisions, a tool that only renders always says 1, and a Job
     cannot be changed. (list . "kind of Job" "text of its template") */}}
{{- define "streamspace.jobSuffix" -}}
{{- $ := index . 0 -}}
{{ printf "%s-%d-%s" (index . 1) $.Release.Revision (index . 2 | sha256sum | trunc 8) }}
{{- end -}}
