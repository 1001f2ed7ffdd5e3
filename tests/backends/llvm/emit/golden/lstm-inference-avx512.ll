
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 16
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 16
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <16 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <16 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 16
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load ptr, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load ptr, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load ptr, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load i64, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load ptr, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load i64, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load ptr, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load ptr, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load ptr, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load ptr, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load i64, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load ptr, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load i64, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load ptr, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load ptr, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load ptr, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = getelementptr inbounds i64, ptr %args, i64 40
  %v82 = load ptr, ptr %v81, align 8
  %v83 = sext i32 %thread to i64
  %v84 = sext i32 %threads to i64
  %v85 = icmp ne i64 %v68, 0
  %v86 = select i1 %v85, i64 %v83, i64 0
  %v87 = select i1 %v85, i64 %v84, i64 1
  %v88 = icmp eq i64 %v86, 0
  %v89 = icmp sgt i64 %v87, 1
  %v90 = select i1 %v85, i64 0, i64 %v83
  %v91 = mul i64 %v86, 0
  %v92 = udiv i64 %v91, %v87
  %v93 = add i64 %v86, 1
  %v94 = mul i64 %v93, 0
  %v95 = udiv i64 %v94, %v87
  %v96 = mul i64 %v86, 2
  %v97 = udiv i64 %v96, %v87
  %v98 = add i64 %v86, 1
  %v99 = mul i64 %v98, 2
  %v100 = udiv i64 %v99, %v87
  %v101 = mul i64 %v90, %v52
  %v102 = getelementptr inbounds float, ptr %v50, i64 %v101
  %v103 = mul i64 %v83, %v52
  %v104 = getelementptr inbounds float, ptr %v50, i64 %v103
  %v105 = alloca i64, align 8
  %v106 = alloca i64, align 8
  %v107 = alloca i64, align 8
  %v108 = alloca i64, align 8
  %v109 = alloca i64, align 8
  store i64 0, ptr %v108, align 8
  br label %next
next:
  %v110 = load i64, ptr %v108, align 8
  %v111 = add i64 %v110, 1
  store i64 %v111, ptr %v108, align 8
  store i64 %v110, ptr %v109, align 8
  %v112 = xor i1 %v85, true
  br i1 %v112, label %then113, label %end113
then113:
  %v114 = atomicrmw add ptr %v44, i64 1 monotonic
  store i64 %v114, ptr %v109, align 8
  br label %end113
end113:
  %v115 = load i64, ptr %v109, align 8
  %more = icmp slt i64 %v115, %v42
  br i1 %more, label %work, label %finished
work:
  %v116 = mul i64 %v115, 5
  %v117 = getelementptr inbounds i64, ptr %v40, i64 %v116
  %v118 = getelementptr inbounds i64, ptr %v117, i64 0
  %v119 = load i64, ptr %v118, align 8
  %v120 = getelementptr inbounds i64, ptr %v117, i64 1
  %v121 = load i64, ptr %v120, align 8
  %v122 = getelementptr inbounds i64, ptr %v117, i64 2
  %v123 = load i64, ptr %v122, align 8
  %v124 = getelementptr inbounds i64, ptr %v117, i64 3
  %v125 = load i64, ptr %v124, align 8
  %v126 = getelementptr inbounds i64, ptr %v117, i64 4
  %v127 = load i64, ptr %v126, align 8
  %v128 = icmp ne i64 %v56, 0
  %v129 = icmp ne ptr %v48, null
  %v130 = icmp eq i64 %v121, 1
  br i1 %v88, label %then131, label %end131
then131:
  br label %head132
head132:
  %v133 = phi i64 [ 0, %then131 ], [ %v134, %body132 ]
  %v135 = icmp slt i64 %v133, %v121
  br i1 %v135, label %body132, label %done132
body132:
  %v136 = add i64 %v119, %v133
  %v137 = getelementptr inbounds i64, ptr %v46, i64 %v136
  %v138 = load i64, ptr %v137, align 8
  %v139 = mul i64 %v133, 240
  %v140 = getelementptr inbounds float, ptr %v102, i64 %v139
  %v141 = mul i64 %v138, %v10
  %v142 = getelementptr inbounds float, ptr %v8, i64 %v141
  %v143 = getelementptr inbounds float, ptr %v140, i64 128
  call void @copy(ptr %v143, ptr %v142, i64 20)
  %v144 = mul i64 %v138, %v14
  %v145 = getelementptr inbounds float, ptr %v12, i64 %v144
  %v146 = getelementptr inbounds float, ptr %v140, i64 160
  call void @copy(ptr %v146, ptr %v145, i64 20)
  %v134 = add nuw nsw i64 %v133, 1
  br label %head132
done132:
  br label %end131
end131:
  br i1 %v89, label %then147, label %end147
then147:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end147
end147:
  %v148 = add i64 %v123, %v125
  %v149 = select i1 %v128, i64 %v148, i64 %v123
  store i64 %v149, ptr %v107, align 8
  br label %head150
head150:
  %v151 = phi i64 [ 0, %end147 ], [ %v152, %end377 ]
  %v153 = icmp slt i64 %v151, %v127
  br i1 %v153, label %body150, label %done150
body150:
  %v154 = sub i64 %v127, %v151
  %v155 = sub i64 %v154, 1
  %v156 = select i1 %v128, i64 %v155, i64 %v151
  %v157 = urem i64 %v151, 36
  %v158 = icmp eq i64 %v157, 0
  %v159 = and i1 %v158, %v130
  br i1 %v159, label %then160, label %end160
then160:
  %v161 = sub i64 %v127, %v151
  %v162 = icmp sgt i64 %v161, 36
  %v163 = select i1 %v162, i64 36, i64 %v161
  %v164 = sub i64 %v156, %v163
  %v165 = add i64 %v164, 1
  %v166 = select i1 %v128, i64 %v165, i64 %v156
  store i64 %v166, ptr %v105, align 8
  %v167 = getelementptr inbounds i64, ptr %v46, i64 %v119
  %v168 = load i64, ptr %v167, align 8
  %v169 = urem i64 %v163, 6
  %v170 = and i64 %v169, 1
  %v171 = icmp ugt i64 %v169, 1
  %v172 = zext i1 %v171 to i64
  %v173 = mul i64 %v170, %v172
  %v174 = sub i64 %v163, %v173
  %v175 = mul i64 %v168, %v6
  %v176 = getelementptr inbounds float, ptr %v2, i64 %v175
  %v177 = mul i64 0, 128
  %v178 = getelementptr inbounds float, ptr %v102, i64 1440
  %v179 = getelementptr inbounds float, ptr %v178, i64 %v177
  %v180 = mul i64 %v166, %v4
  %v181 = getelementptr inbounds float, ptr %v176, i64 %v180
  %v182 = mul i64 %v97, 4
  %v183 = mul i64 %v100, 4
  %v184 = icmp slt i64 %v183, 8
  %v185 = select i1 %v184, i64 %v183, i64 8
  %v186 = sub i64 %v185, %v182
  %v187 = mul i64 %v182, 48
  %v188 = getelementptr inbounds float, ptr %v72, i64 %v187
  %v189 = mul i64 %v182, 16
  %v190 = getelementptr inbounds float, ptr %v179, i64 %v189
  call void @gw_gemm(i64 %v174, ptr %v190, i64 128, ptr %v181, i64 %v4, ptr %v188, i64 3, i64 %v186, i1 0, i1 false)
  %v191 = icmp ne i64 %v173, 0
  br i1 %v191, label %then192, label %end192
then192:
  %v193 = mul i64 %v168, %v6
  %v194 = getelementptr inbounds float, ptr %v2, i64 %v193
  %v195 = mul i64 %v174, 128
  %v196 = getelementptr inbounds float, ptr %v102, i64 1440
  %v197 = getelementptr inbounds float, ptr %v196, i64 %v195
  %v198 = add i64 %v166, %v174
  %v199 = mul i64 %v198, %v4
  %v200 = getelementptr inbounds float, ptr %v194, i64 %v199
  %v201 = mul i64 %v97, 4
  %v202 = mul i64 %v100, 4
  %v203 = icmp slt i64 %v202, 8
  %v204 = select i1 %v203, i64 %v202, i64 8
  %v205 = sub i64 %v204, %v201
  %v206 = mul i64 %v201, 48
  %v207 = getelementptr inbounds float, ptr %v72, i64 %v206
  %v208 = mul i64 %v201, 16
  %v209 = getelementptr inbounds float, ptr %v197, i64 %v208
  call void @gw_gemm(i64 1, ptr %v209, i64 128, ptr %v200, i64 %v4, ptr %v207, i64 3, i64 %v205, i1 0, i1 false)
  br label %end192
end192:
  br label %end160
end160:
  store i64 %v121, ptr %v106, align 8
  br i1 %v129, label %then210, label %end210
then210:
  store i64 0, ptr %v106, align 8
  br label %head211
head211:
  %v212 = phi i64 [ 0, %then210 ], [ %v213, %body211 ]
  %v214 = icmp slt i64 %v212, %v121
  br i1 %v214, label %body211, label %done211
body211:
  %v215 = add i64 %v119, %v212
  %v216 = getelementptr inbounds i64, ptr %v48, i64 %v215
  %v217 = load i64, ptr %v216, align 8
  %v218 = icmp sgt i64 %v217, %v156
  %v219 = load i64, ptr %v106, align 8
  %v220 = zext i1 %v218 to i64
  %v221 = add i64 %v219, %v220
  store i64 %v221, ptr %v106, align 8
  %v213 = add nuw nsw i64 %v212, 1
  br label %head211
done211:
  br label %end210
end210:
  %v222 = load i64, ptr %v106, align 8
  %v223 = load i64, ptr %v107, align 8
  %v224 = sub i64 %v223, %v222
  %v225 = select i1 %v128, i64 %v224, i64 %v223
  %v226 = add i64 %v223, %v222
  %v227 = select i1 %v128, i64 %v224, i64 %v226
  store i64 %v227, ptr %v107, align 8
  %v228 = add i64 %v156, %v64
  %v229 = icmp ne ptr %v58, null
  %v230 = icmp slt i64 %v228, %v38
  %v231 = and i1 %v229, %v230
  br i1 %v231, label %then232, label %end232
then232:
  store i64 %v121, ptr %v106, align 8
  br i1 %v129, label %then233, label %end233
then233:
  store i64 0, ptr %v106, align 8
  br label %head234
head234:
  %v235 = phi i64 [ 0, %then233 ], [ %v236, %body234 ]
  %v237 = icmp slt i64 %v235, %v121
  br i1 %v237, label %body234, label %done234
body234:
  %v238 = add i64 %v119, %v235
  %v239 = getelementptr inbounds i64, ptr %v48, i64 %v238
  %v240 = load i64, ptr %v239, align 8
  %v241 = icmp sgt i64 %v240, %v228
  %v242 = load i64, ptr %v106, align 8
  %v243 = zext i1 %v241 to i64
  %v244 = add i64 %v242, %v243
  store i64 %v244, ptr %v106, align 8
  %v236 = add nuw nsw i64 %v235, 1
  br label %head234
done234:
  br label %end233
end233:
  %v245 = load i64, ptr %v106, align 8
  br i1 %v89, label %then246, label %end246
then246:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end246
end246:
  br i1 %v88, label %then247, label %end247
then247:
  br label %head248
head248:
  %v249 = phi i64 [ 0, %then247 ], [ %v250, %end263 ]
  %v251 = icmp slt i64 %v249, %v245
  br i1 %v251, label %body248, label %done248
body248:
  %v252 = add i64 %v119, %v249
  %v253 = getelementptr inbounds i64, ptr %v46, i64 %v252
  %v254 = load i64, ptr %v253, align 8
  %v255 = mul i64 %v249, 240
  %v256 = getelementptr inbounds float, ptr %v102, i64 %v255
  %v257 = mul i64 %v228, %v60
  %v258 = mul i64 %v254, %v62
  %v259 = add i64 %v257, %v258
  %v260 = getelementptr inbounds i8, ptr %v58, i64 %v259
  %v261 = load i8, ptr %v260, align 1
  %v262 = icmp ne i8 %v261, 0
  br i1 %v262, label %then263, label %end263
then263:
  %v264 = mul i64 %v254, %v18
  %v265 = getelementptr inbounds float, ptr %v16, i64 %v264
  %v266 = getelementptr inbounds float, ptr %v256, i64 128
  call void @copy(ptr %v266, ptr %v265, i64 20)
  %v267 = mul i64 %v254, %v22
  %v268 = getelementptr inbounds float, ptr %v20, i64 %v267
  %v269 = getelementptr inbounds float, ptr %v256, i64 160
  call void @copy(ptr %v269, ptr %v268, i64 20)
  br label %end263
end263:
  %v250 = add nuw nsw i64 %v249, 1
  br label %head248
done248:
  br label %end247
end247:
  br i1 %v89, label %then270, label %end270
then270:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end270
end270:
  br label %end232
end232:
  br label %head271
head271:
  %v272 = phi i64 [ 0, %end232 ], [ %v273, %body271 ]
  %v274 = icmp slt i64 %v272, %v222
  br i1 %v274, label %body271, label %done271
body271:
  %v275 = add i64 %v119, %v272
  %v276 = getelementptr inbounds i64, ptr %v46, i64 %v275
  %v277 = load i64, ptr %v276, align 8
  %v278 = mul i64 %v272, 240
  %v279 = getelementptr inbounds float, ptr %v102, i64 %v278
  %v280 = mul i64 %v277, %v6
  %v281 = getelementptr inbounds float, ptr %v2, i64 %v280
  %v282 = mul i64 %v156, %v4
  %v283 = getelementptr inbounds float, ptr %v281, i64 %v282
  %v284 = getelementptr inbounds float, ptr %v279, i64 192
  call void @copy(ptr %v284, ptr %v283, i64 3)
  %v273 = add nuw nsw i64 %v272, 1
  br label %head271
done271:
  %v285 = getelementptr inbounds float, ptr %v102, i64 192
  br i1 %v130, label %then286, label %end286
then286:
  %v287 = load i64, ptr %v105, align 8
  %v288 = sub i64 %v156, %v287
  %v289 = mul i64 %v288, 128
  %v290 = getelementptr inbounds float, ptr %v102, i64 1440
  %v291 = getelementptr inbounds float, ptr %v290, i64 %v289
  %v292 = mul i64 %v97, 4
  %v293 = mul i64 %v100, 4
  %v294 = icmp slt i64 %v293, 8
  %v295 = select i1 %v294, i64 %v293, i64 8
  %v296 = sub i64 %v295, %v292
  %v297 = mul i64 %v292, 16
  %v298 = mul i64 %v296, 16
  %v299 = getelementptr inbounds float, ptr %v102, i64 %v297
  %v300 = getelementptr inbounds float, ptr %v291, i64 %v297
  call void @copy(ptr %v299, ptr %v300, i64 %v298)
  br label %end286
end286:
  %v301 = xor i1 %v130, true
  br i1 %v301, label %then302, label %end302
then302:
  %v303 = mul i64 %v97, 4
  %v304 = mul i64 %v100, 4
  %v305 = icmp slt i64 %v304, 8
  %v306 = select i1 %v305, i64 %v304, i64 8
  %v307 = sub i64 %v306, %v303
  %v308 = mul i64 %v303, 48
  %v309 = getelementptr inbounds float, ptr %v72, i64 %v308
  %v310 = mul i64 %v303, 16
  %v311 = getelementptr inbounds float, ptr %v102, i64 %v310
  call void @gw_gemm(i64 %v222, ptr %v311, i64 240, ptr %v285, i64 240, ptr %v309, i64 3, i64 %v307, i1 0, i1 false)
  br label %end302
end302:
  %v312 = getelementptr inbounds float, ptr %v102, i64 128
  %v313 = mul i64 %v97, 4
  %v314 = mul i64 %v100, 4
  %v315 = icmp slt i64 %v314, 8
  %v316 = select i1 %v315, i64 %v314, i64 8
  %v317 = sub i64 %v316, %v313
  %v318 = mul i64 %v313, 320
  %v319 = getelementptr inbounds float, ptr %v74, i64 %v318
  %v320 = mul i64 %v313, 16
  %v321 = getelementptr inbounds float, ptr %v102, i64 %v320
  call void @gw_gemm(i64 %v222, ptr %v321, i64 240, ptr %v312, i64 240, ptr %v319, i64 20, i64 %v317, i1 1, i1 false)
  br i1 %v89, label %then322, label %end322
then322:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end322
end322:
  br label %head323
head323:
  %v324 = phi i64 [ 0, %end322 ], [ %v325, %done331 ]
  %v326 = icmp slt i64 %v324, %v222
  br i1 %v326, label %body323, label %done323
body323:
  %v327 = mul i64 %v324, 240
  %v328 = getelementptr inbounds float, ptr %v102, i64 %v327
  %v329 = add i64 %v225, %v324
  %v330 = sub i64 %v100, %v97
  br label %head331
head331:
  %v332 = phi i64 [ 0, %body323 ], [ %v333, %body331 ]
  %v334 = icmp slt i64 %v332, %v330
  br i1 %v334, label %body331, label %done331
body331:
  %v335 = add i64 %v97, %v332
  %v336 = mul i64 %v335, 16
  %v337 = getelementptr inbounds float, ptr %v328, i64 %v336
  %v338 = load <16 x float>, ptr %v337, align 4
  %v339 = getelementptr inbounds float, ptr %v76, i64 %v336
  %v340 = load <16 x float>, ptr %v339, align 4
  %v341 = fadd contract <16 x float> %v338, %v340
  %v342 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v341)
  %v343 = getelementptr inbounds float, ptr %v328, i64 32
  %v344 = getelementptr inbounds float, ptr %v343, i64 %v336
  %v345 = load <16 x float>, ptr %v344, align 4
  %v346 = getelementptr inbounds float, ptr %v78, i64 %v336
  %v347 = load <16 x float>, ptr %v346, align 4
  %v348 = fadd contract <16 x float> %v345, %v347
  %v349 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v348)
  %v350 = getelementptr inbounds float, ptr %v328, i64 64
  %v351 = getelementptr inbounds float, ptr %v350, i64 %v336
  %v352 = load <16 x float>, ptr %v351, align 4
  %v353 = getelementptr inbounds float, ptr %v80, i64 %v336
  %v354 = load <16 x float>, ptr %v353, align 4
  %v355 = fadd contract <16 x float> %v352, %v354
  %v356 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v355)
  %v357 = getelementptr inbounds float, ptr %v328, i64 96
  %v358 = getelementptr inbounds float, ptr %v357, i64 %v336
  %v359 = load <16 x float>, ptr %v358, align 4
  %v360 = getelementptr inbounds float, ptr %v82, i64 %v336
  %v361 = load <16 x float>, ptr %v360, align 4
  %v362 = fadd contract <16 x float> %v359, %v361
  %v363 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v362)
  %v364 = getelementptr inbounds float, ptr %v328, i64 160
  %v365 = getelementptr inbounds float, ptr %v364, i64 %v336
  %v366 = load <16 x float>, ptr %v365, align 4
  %v367 = fmul contract <16 x float> %v349, %v366
  %v368 = fmul contract <16 x float> %v342, %v356
  %v369 = fadd contract <16 x float> %v367, %v368
  %v370 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v369)
  %v371 = fmul contract <16 x float> %v363, %v370
  %v372 = getelementptr inbounds float, ptr %v328, i64 128
  %v373 = getelementptr inbounds float, ptr %v372, i64 %v336
  store <16 x float> %v371, ptr %v373, align 4
  %v374 = getelementptr inbounds float, ptr %v328, i64 160
  %v375 = getelementptr inbounds float, ptr %v374, i64 %v336
  store <16 x float> %v369, ptr %v375, align 4
  %v333 = add nuw nsw i64 %v332, 1
  br label %head331
done331:
  %v325 = add nuw nsw i64 %v324, 1
  br label %head323
done323:
  br i1 %v89, label %then376, label %end376
then376:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end376
end376:
  br i1 %v88, label %then377, label %end377
then377:
  br label %head378
head378:
  %v379 = phi i64 [ 0, %then377 ], [ %v380, %body378 ]
  %v381 = icmp slt i64 %v379, %v222
  br i1 %v381, label %body378, label %done378
body378:
  %v382 = add i64 %v119, %v379
  %v383 = getelementptr inbounds i64, ptr %v46, i64 %v382
  %v384 = load i64, ptr %v383, align 8
  %v385 = mul i64 %v379, 240
  %v386 = getelementptr inbounds float, ptr %v102, i64 %v385
  %v387 = mul i64 %v384, %v28
  %v388 = getelementptr inbounds float, ptr %v24, i64 %v387
  %v389 = mul i64 %v156, %v26
  %v390 = getelementptr inbounds float, ptr %v388, i64 %v389
  %v391 = getelementptr inbounds float, ptr %v386, i64 128
  call void @copy(ptr %v390, ptr %v391, i64 20)
  %v380 = add nuw nsw i64 %v379, 1
  br label %head378
done378:
  br label %end377
end377:
  %v152 = add nuw nsw i64 %v151, 1
  br label %head150
done150:
  br i1 %v88, label %then392, label %end392
then392:
  br label %head393
head393:
  %v394 = phi i64 [ 0, %then392 ], [ %v395, %body393 ]
  %v396 = icmp slt i64 %v394, %v121
  br i1 %v396, label %body393, label %done393
body393:
  %v397 = add i64 %v119, %v394
  %v398 = getelementptr inbounds i64, ptr %v46, i64 %v397
  %v399 = load i64, ptr %v398, align 8
  %v400 = mul i64 %v394, 240
  %v401 = getelementptr inbounds float, ptr %v102, i64 %v400
  %v402 = mul i64 %v399, %v32
  %v403 = getelementptr inbounds float, ptr %v30, i64 %v402
  %v404 = getelementptr inbounds float, ptr %v401, i64 128
  call void @copy(ptr %v403, ptr %v404, i64 20)
  %v405 = mul i64 %v399, %v36
  %v406 = getelementptr inbounds float, ptr %v34, i64 %v405
  %v407 = getelementptr inbounds float, ptr %v401, i64 160
  call void @copy(ptr %v406, ptr %v407, i64 20)
  %v395 = add nuw nsw i64 %v394, 1
  br label %head393
done393:
  br label %end392
end392:
  br label %next
finished:
  ret void
}

define internal <16 x float> @gw.sigmoid.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC05601E680000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x403419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %v3)
  %v7 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %v6)
  %v8 = fmul <16 x float> %v7, %v7
  %v9 = fmul <16 x float> %v7, %v8
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3F80C813A0000000), <16 x float> %v8, <16 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v9, <16 x float> %v10, <16 x float> %v7)
  %v12 = bitcast <16 x float> %v4 to <16 x i32>
  %v13 = shl <16 x i32> %v12, splat (i32 23)
  %v14 = bitcast <16 x i32> %v13 to <16 x float>
  %v15 = fadd <16 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <16 x float> %v14, %v15
  %v17 = fsub <16 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <16 x float> %v16, %v17
  %v19 = fdiv <16 x float> %v16, %v18
  ret <16 x float> %v19
}

define internal <16 x float> @gw.tanh.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC02419ECC0000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x402419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x4007154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFD62E4300000000), <16 x float> %v3)
  %v7 = fmul <16 x float> %v6, %v6
  %v8 = fmul <16 x float> %v6, %v7
  %v9 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3FC0C813A0000000), <16 x float> %v7, <16 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v8, <16 x float> %v9, <16 x float> %v6)
  %v11 = bitcast <16 x float> %v4 to <16 x i32>
  %v12 = shl <16 x i32> %v11, splat (i32 23)
  %v13 = bitcast <16 x i32> %v12 to <16 x float>
  %v14 = fadd <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v14, <16 x float> %v10, <16 x float> %v15)
  %v17 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v15, <16 x float> %v10, <16 x float> %v14)
  %v18 = fdiv <16 x float> %v16, %v17
  ret <16 x float> %v18
}

